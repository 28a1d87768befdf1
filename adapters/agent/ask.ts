/** Questions of audits, which the agent of a source answers when it calls. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { type Entry, type Question, unpackBatch } from '#schema/agent-batch.ts';
import type { InventoryRow, ReadContext, ReadJob, Whereabouts } from '../adapter.ts';
import { SourceError } from '../error.ts';
import { createAssembler, jsonOf } from './assemble.ts';
import type { Inbox } from './inbox.ts';
import { Failure, InventoryMessage, WhereaboutsMessage } from './message.ts';

const LOOK_MS = 250;
/** The master may be asked again and again meanwhile. */
const LONGEST_MS = 180_000;

export type Asking = {
  job(externalId: string, context: ReadContext): Promise<ReadJob | null>;
  inventory(after: string | null, context: ReadContext): AsyncGenerator<InventoryRow[]>;
  lookFor(externalId: string, context: ReadContext): Promise<Whereabouts>;
};

/** `called`: throws when the agent does not call any more. */
export function createAsking(slug: string, inbox: Inbox, called: (context: ReadContext) => Promise<unknown>): Asking {
  const bad = (why: string, cause?: unknown) =>
    new SourceError('BAD_PAYLOAD', slug, `its agent's answer is not understood (${why}): give both the same version`, {
      cause,
    });
  const messageIn = <Message>(entries: readonly Entry[], kind: Entry['kind'], schema: z.ZodType<Message>) => {
    const found = entries.find((entry) => entry.kind === kind);
    if (!found) throw bad(`no ${kind}`);
    try {
      return schema.parse(jsonOf(found.body));
    } catch (cause) {
      throw bad(kind, cause);
    }
  };
  const waitFor = async (key: string, context: ReadContext): Promise<Buffer> => {
    for (let waitedMs = 0; waitedMs < LONGEST_MS; waitedMs += LOOK_MS) {
      const answer = await inbox.answerTo(key);
      if (answer) return answer;
      await called(context);
      await sleep(LOOK_MS, undefined, { signal: context.signal }).catch(() => context.signal.throwIfAborted());
    }
    throw new SourceError('TIMEOUT', slug, `its agent has not answered within ${LONGEST_MS / 1000} s`);
  };
  const ask = async (question: Question, context: ReadContext): Promise<Entry[]> => {
    context.signal.throwIfAborted();
    await called(context);
    const key = await inbox.ask(question);
    try {
      const { entries } = unpackBatch(await waitFor(key, context));
      if (!entries.some(({ kind }) => kind === 'failure')) return entries;
      const { code, message } = messageIn(entries, 'failure', Failure);
      throw new SourceError(code, slug, message);
    } finally {
      await inbox.withdraw(key);
    }
  };

  return {
    async job(externalId, context) {
      const entries = await ask({ ask: 'job', externalId }, context);
      const assembler = createAssembler();
      for (const { kind, body } of entries) {
        const given = assembler.take({ term: 0, sequence: 0, kind, body });
        const [change] = given?.changes ?? [];
        if (given && change) return { change, rejected: given.rejected };
        const [letter] = given?.rejected ?? [];
        if (letter) throw bad(letter.reason);
      }
      return null;
    },
    async *inventory(after, context) {
      for (let from = after; ; ) {
        const { rows } = messageIn(
          await ask({ ask: 'inventory', after: from }, context),
          'inventory',
          InventoryMessage,
        );
        const last = rows.at(-1);
        if (!last) return;
        if (Number(last.externalId) <= Number(from ?? 0)) throw bad('numbers that go back');
        from = last.externalId;
        yield rows;
      }
    },
    async lookFor(externalId, context) {
      return messageIn(await ask({ ask: 'lookFor', externalId }, context), 'whereabouts', WhereaboutsMessage).where;
    },
  };
}
