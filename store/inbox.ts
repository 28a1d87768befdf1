/** What agents have pushed: kept as it came until whoever reads the source has stored it. */
import { createHash } from 'node:crypto';
import { type AgentState, type AskedQuestion, type Batch, type Entry, packBatch } from '#schema/agent-batch.ts';
import type { Micros } from '#schema/records.ts';
import { keepAnswer, listQuestions } from './agent-question.ts';
import { NotFound } from './error.ts';
import type { Sql, Store } from './store.ts';
import { toStored } from './text.ts';
import type { Writer } from './writer.ts';

/** A spool that took another's place without a word may be a second agent: the first one must have been silent so long. */
export const TAKES_OVER_AFTER = 600_000_000;
/** Of one source; nobody reads it, or reads it too slowly. */
const MAX_INBOX_BYTES = 256 * 1024 * 1024;
/** Read at once. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
const MAX_READ = 500;

type AgentRow = {
  stream: string;
  term: number;
  held: number;
  heldHash: Buffer | null;
  generation: number;
  heardAt: Micros;
  inboxBytes: number;
};

export type Received =
  | { outcome: 'held'; held: number; generation: number; hasNews: boolean; questions: AskedQuestion[] }
  | { outcome: 'other'; heardAt: Micros }
  | { outcome: 'lost'; held: number }
  | { outcome: 'full'; bytes: number };

/**
 * Keeps what of the batch is not held yet. When it returns, that is on the disk. A batch that comes twice is held once.
 * @throws NotFound when the source is not in the store.
 */
export async function receiveBatch(store: Store, slug: string, batch: Batch, now: Micros): Promise<Received> {
  return store.transaction(async () => {
    const { sql } = store;
    const source = await sql.get<{ id: number }>(
      'SELECT id FROM source WHERE slug = ? AND configured = 1',
      toStored(slug),
    );
    if (!source) throw new NotFound(`no source is called "${slug}"`);
    const row = await lockAgent(sql, source.id, batch, now);
    const isOther = row.stream !== batch.stream;
    const mayTakeOver = batch.answers === null && (row.stream === batch.was || now - row.heardAt >= TAKES_OVER_AFTER);
    if (isOther && !mayTakeOver) {
      return { outcome: 'other', heardAt: row.heardAt };
    }
    const { term, held, heldHash } = isOther ? { term: row.term + 1, held: 0, heldHash: null } : row;
    if (batch.answers !== null) {
      await keepAnswer(sql, source.id, batch.answers, packBatch(batch));
      const probe = batch.entries.findLast(({ kind }) => kind === 'probe');
      if (probe) await sql.run('UPDATE agent SET probe = ? WHERE source_id = ?', probe.body, source.id);
      const questions = await listQuestions(sql, source.id);
      return { outcome: 'held', held, generation: row.generation, hasNews: false, questions };
    }
    const again = batch.entries.find(({ sequence }) => sequence === held);
    const isFork = again !== undefined && heldHash !== null && !hashOf(again).equals(heldHash);
    if (batch.after > held || isFork) return { outcome: 'lost', held };
    const fresh = batch.entries.filter(({ sequence }) => sequence > held);
    const kept = fresh.filter(({ kind }) => kind !== 'probe' && kind !== 'fleet');
    const size = kept.reduce((sum, { body }) => sum + body.length, 0);
    if (size > 0 && row.inboxBytes > 0 && row.inboxBytes + size > MAX_INBOX_BYTES) {
      await sql.run(
        'UPDATE agent SET heard_at = ?, waiting = ? WHERE source_id = ?',
        ...[now, JSON.stringify(batch.waiting), source.id],
      );
      return { outcome: 'full', bytes: row.inboxBytes };
    }
    for (const { sequence, kind, body } of kept) {
      await sql.run(
        'INSERT INTO inbox (source_id, term, sequence, kind, size, body) VALUES (?, ?, ?, ?, ?, ?)',
        ...[source.id, term, sequence, kind, body.length, body],
      );
    }
    const newest = (kind: string) => fresh.findLast((entry) => entry.kind === kind)?.body ?? null;
    const latest = fresh.at(-1);
    const last = latest?.sequence ?? held;
    await sql.run(
      `UPDATE agent SET stream = ?, term = ?, held = ?, held_hash = ?, was_read = CASE WHEN ? = 1 THEN 0 ELSE was_read END, heard_at = ?,
         clock_offset = ?, waiting = ?, inbox_bytes = inbox_bytes + ?, probe = COALESCE(?, probe), fleet = COALESCE(?, fleet)
       WHERE source_id = ?`,
      ...[batch.stream, term, last, latest ? hashOf(latest) : heldHash, isOther ? 1 : 0],
      ...[now, now - batch.sentAt, JSON.stringify(batch.waiting), size],
      ...[newest('probe'), newest('fleet'), source.id],
    );
    const questions = await listQuestions(sql, source.id);
    const hasNews = kept.some(({ kind }) => kind === 'delta');
    return { outcome: 'held', held: last, generation: row.generation, hasNews, questions };
  });
}

const hashOf = ({ body }: Entry) => createHash('sha256').update(body).digest();

/** The row is ours until the transaction ends: two processes may take batches of one source. */
async function lockAgent(sql: Sql, sourceId: number, { stream, waiting }: Batch, now: Micros): Promise<AgentRow> {
  await sql.run(
    `INSERT INTO agent (source_id, stream, term, held, heard_at, clock_offset, waiting) VALUES (?, ?, 1, 0, ?, 0, ?)
     ON CONFLICT (source_id) DO NOTHING`,
    ...[sourceId, stream, now, JSON.stringify(waiting)],
  );
  const row = await sql.get<AgentRow>(
    `UPDATE agent SET term = term WHERE source_id = ?
     RETURNING stream, term, held, held_hash AS "heldHash", generation, heard_at AS "heardAt", inbox_bytes AS "inboxBytes"`,
    sourceId,
  );
  if (!row) throw new Error('the agent of a source was not stored');
  return row;
}

type Place = { term: number; sequence: number };
const OF_SOURCE = 'source_id = (SELECT id FROM source WHERE slug = ?)';

export async function getAgent({ sql }: Pick<Store, 'sql'>, slug: string): Promise<AgentState | null> {
  const row = await sql.get<Omit<AgentState, 'waiting' | 'wasRead'> & { waiting: string; wasRead: number }>(
    `SELECT heard_at AS "heardAt", clock_offset AS "clockOffset", was_read AS "wasRead", waiting, probe, fleet
     FROM agent WHERE ${OF_SOURCE}`,
    toStored(slug),
  );
  return row ? { ...row, wasRead: row.wasRead === 1, waiting: JSON.parse(row.waiting) } : null;
}

/** Some of the entries after the place, in order. */
export async function listInbox(
  { sql }: Pick<Store, 'sql'>,
  slug: string,
  { term, sequence }: Place,
): Promise<(Place & { kind: string; body: Buffer })[]> {
  const after = `${OF_SOURCE} AND (term > ? OR (term = ? AND sequence > ?))`;
  const sizes = await sql.all<Place & { size: number }>(
    `SELECT term, sequence, size FROM inbox WHERE ${after} ORDER BY term, sequence LIMIT ?`,
    ...[toStored(slug), term, term, sequence, MAX_READ],
  );
  let bytes = 0;
  const count = sizes.findIndex(({ size }) => {
    bytes += size;
    return bytes > MAX_READ_BYTES;
  });
  return sql.all(
    `SELECT term, sequence, kind, body FROM inbox WHERE ${after} ORDER BY term, sequence LIMIT ?`,
    ...[toStored(slug), term, term, sequence, count < 0 ? sizes.length : Math.max(1, count)],
  );
}

/** Deletes what is up to the place. */
export async function forgetInbox(writer: Writer, slug: string, { term, sequence }: Place): Promise<void> {
  const upTo = `${OF_SOURCE} AND (term < ? OR (term = ? AND sequence <= ?))`;
  const values = [toStored(slug), term, term, sequence];
  await writer.transaction(async () => {
    const { sql } = writer.store;
    const gone = await sql.get<{ bytes: number }>(
      `SELECT COALESCE(sum(size), 0) AS bytes FROM inbox WHERE ${upTo}`,
      ...values,
    );
    if (!gone || gone.bytes === 0) return;
    await sql.run(`DELETE FROM inbox WHERE ${upTo}`, ...values);
    await sql.run(
      `UPDATE agent SET inbox_bytes = inbox_bytes - ?, was_read = 1 WHERE ${OF_SOURCE}`,
      ...[gone.bytes, toStored(slug)],
    );
  });
}

/** The agent is told to read everything once more when it calls next. */
export async function askAnew(writer: Writer, slug: string): Promise<void> {
  await writer.transaction(() =>
    writer.store.sql.run(
      `UPDATE agent SET generation = generation + 1, was_read = 0 WHERE ${OF_SOURCE}`,
      toStored(slug),
    ),
  );
}
