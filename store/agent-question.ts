/** What audits ask agents. A question waits in the store for the agent's next call, its answer for whoever asked. */
import { randomUUID } from 'node:crypto';
import { type AskedQuestion, Question } from '#schema/agent-batch.ts';
import type { Micros } from '#schema/records.ts';
import type { Sql, Store } from './store.ts';
import { toStored } from './text.ts';
import type { Writer } from './writer.ts';

/** Told at once. */
const MOST = 10;
/** Whoever asked is gone. */
const STALE_AFTER = 3_600_000_000;

/** Its key. */
export async function askAgent(writer: Writer, slug: string, question: Question, at: Micros): Promise<string> {
  const key = randomUUID();
  await writer.transaction(async () => {
    const { sql } = writer.store;
    await sql.run('DELETE FROM agent_question WHERE asked_at < ?', at - STALE_AFTER);
    await sql.run(
      'INSERT INTO agent_question (key, source_id, asked_at, question) SELECT ?, id, ?, ? FROM source WHERE slug = ?',
      ...[key, at, JSON.stringify(question), toStored(slug)],
    );
  });
  return key;
}

/** The answer as it came; null while there is none. */
export async function readAnswer({ sql }: Pick<Store, 'sql'>, key: string): Promise<Buffer | null> {
  const row = await sql.get<{ answer: Buffer | null }>('SELECT answer FROM agent_question WHERE key = ?', key);
  return row?.answer ?? null;
}

export async function withdrawQuestion(writer: Writer, key: string): Promise<void> {
  await writer.transaction(() => writer.store.sql.run('DELETE FROM agent_question WHERE key = ?', key));
}

/** Those of the source that are not answered yet, oldest first. */
export async function listQuestions(sql: Sql, sourceId: number): Promise<AskedQuestion[]> {
  const rows = await sql.all<{ key: string; question: string }>(
    'SELECT key, question FROM agent_question WHERE source_id = ? AND answer IS NULL ORDER BY asked_at, key LIMIT ?',
    ...[sourceId, MOST],
  );
  return rows.map(({ key, question }) => ({ key, question: Question.parse(JSON.parse(question)) }));
}

/** Keeps the answer for whoever asked; one that nobody waits for any more goes. */
export async function keepAnswer(sql: Sql, sourceId: number, key: string, answer: Buffer): Promise<void> {
  await sql.run(
    'UPDATE agent_question SET answer = ? WHERE key = ? AND source_id = ? AND answer IS NULL',
    ...[answer, key, sourceId],
  );
}
