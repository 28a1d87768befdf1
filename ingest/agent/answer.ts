/** What an audit in Basalt wants to know, asked of the master in the lab. */
import type { Adapter, ReadContext } from '#adapters/adapter.ts';
import { entriesOf, entryOf, type NewEntry } from '#adapters/agent/entry.ts';
import type { Pusher } from '#adapters/agent/push.ts';
import { SourceError } from '#adapters/error.ts';
import { type AskedQuestion, MAX_BATCH_BYTES, packBatch, type Question } from '#schema/agent-batch.ts';
import type { Spool } from '#store/spool.ts';
import { headOf } from './send.ts';

export type AnswerDeps = ReadContext & { adapter: Adapter; spool: Spool; pusher: Pick<Pusher, 'push'> };

/** @throws SourceError when Basalt cannot be told. */
export async function answerQuestion(deps: AnswerDeps, { key, question }: AskedQuestion): Promise<void> {
  const { spool, pusher, now, signal } = deps;
  const head = { ...headOf(spool, now()), answers: key, after: 0 };
  const pack = (entries: readonly NewEntry[]) =>
    packBatch({ ...head, entries: entries.map((entry, i) => ({ ...entry, sequence: i + 1 })) });
  const answer = pack(await entriesFor(question, deps));
  const isTooLarge = answer.length > MAX_BATCH_BYTES;
  const message = `the answer takes ${answer.length} bytes, more than an agent sends at once`;
  await pusher.push(isTooLarge ? pack([entryOf('failure', { code: 'UNSUPPORTED', message })]) : answer, signal);
}

async function entriesFor(question: Question, { adapter, ...context }: AnswerDeps): Promise<NewEntry[]> {
  try {
    switch (question.ask) {
      case 'job': {
        const read = await adapter.job(question.externalId, context);
        return read ? [...entriesOf({ changes: [read.change], rejected: read.rejected, bookmark: '' })] : [];
      }
      case 'lookFor':
        return [entryOf('whereabouts', { where: await adapter.lookFor(question.externalId, context) })];
      case 'inventory':
        for await (const rows of adapter.inventory(question.after, context))
          if (rows.length > 0) return [entryOf('inventory', { rows })];
        // Whether it was the same master and user to the end decides what the absence of a job means.
        return [entryOf('inventory', { rows: [] }), entryOf('probe', await adapter.probe(context))];
    }
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause;
    const { code, message, source } = cause;
    return [entryOf('failure', { code, message: message.slice(source.length + 2) })];
  }
}
