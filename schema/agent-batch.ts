/** What an agent posts to Basalt, and what it is answered: bytes with a head before them, and JSON. */
import { z } from 'zod';
import { MAX_NUMBER, Micros } from './records.ts';
import type { AgentWaiting } from './tables.ts';

/**
 * `run`: the agent has gone through its source once. Of `probe` and `fleet` only the newest counts. The last three answer
 * questions.
 */
export const EntryKind = z.enum([
  ...(['log', 'cases', 'job', 'rejected', 'delta', 'run', 'probe', 'fleet'] as const),
  ...(['inventory', 'whereabouts', 'failure'] as const),
]);
export type EntryKind = z.infer<typeof EntryKind>;

/** An entry of a spool: a body that is compressed, and its place among all entries there ever were in the spool. */
export type Entry = { sequence: number; kind: EntryKind; body: Buffer };

export const MAX_ENTRY_BYTES = 8 * 1024 * 1024;
export const MAX_BATCH_BYTES = 12 * 1024 * 1024;
const MAX_HEAD_BYTES = 256 * 1024;
export const MAX_ENTRIES = 1_000;

const count = z.int().nonnegative().max(MAX_NUMBER);

/** What Basalt holds of the agent of a source. */
export type AgentState = {
  heardAt: Micros;
  /** Our clock minus the agent's. */
  clockOffset: Micros;
  /** Entries of the present term were read and deleted. */
  wasRead: boolean;
  waiting: AgentWaiting;
  probe: Buffer | null;
  fleet: Buffer | null;
};

const Head = z.object({
  v: z.literal(1),
  /** The spool's own name, and the one it had before it began anew. */
  stream: z.uuid(),
  was: z.uuid().nullable(),
  /** Everything up to here was acknowledged. */
  after: count,
  /** The question that the entries answer; null when they are of the spool. */
  answers: z.uuid().nullable(),
  /** See Receipt; null when it was never told. */
  generation: count.nullable(),
  sentAt: Micros,
  waiting: z.object({ entries: count, bytes: count, limitBytes: count, isFull: z.boolean() }),
  entries: z.array(z.object({ sequence: count, kind: EntryKind, size: count.max(MAX_ENTRY_BYTES) })).max(MAX_ENTRIES),
});

export type Batch = Omit<z.infer<typeof Head>, 'v' | 'entries'> & { entries: Entry[] };

/** What an audit wants to know: a job as it is, the ids and fates after one, what is told of one that no list names. */
export const Question = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('job'), externalId: z.string() }),
  z.object({ ask: z.literal('inventory'), after: z.string().nullable() }),
  z.object({ ask: z.literal('lookFor'), externalId: z.string() }),
]);
export type Question = z.infer<typeof Question>;
export type AskedQuestion = { key: string; question: Question };

/**
 * `held`: everything up to here is kept. When `generation` grows, the agent is to read everything once more. `questions`
 * wait to be answered.
 */
export const Receipt = z.object({
  held: count,
  generation: count,
  questions: z.array(z.object({ key: z.uuid(), question: Question })),
});
export type Receipt = z.infer<typeof Receipt>;

/** `OTHER_AGENT`: another spool pushes for the source. `LOST`: what was acknowledged is not there any more. */
export const Refusal = z.object({
  code: z.enum(['OTHER_AGENT', 'LOST', 'FULL', 'BUSY', 'INVALID', 'KEY']),
  message: z.string(),
});
export type Refusal = z.infer<typeof Refusal>;

export function packBatch({ entries, ...rest }: Batch): Buffer {
  const list = entries.map(({ sequence, kind, body }) => ({ sequence, kind, size: body.length }));
  const head = Buffer.from(JSON.stringify({ v: 1, ...rest, entries: list }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, ...entries.map(({ body }) => body)]);
}

/** @throws Error that says what is wrong with it. */
export function unpackBatch(bytes: Buffer): Batch {
  if (bytes.length < 4) throw new Error('a batch begins with the length of its head');
  const length = bytes.readUInt32BE(0);
  if (length > MAX_HEAD_BYTES || 4 + length > bytes.length) throw new Error('the head is longer than it may be');
  const head = Head.safeParse(JSON.parse(bytes.toString('utf8', 4, 4 + length)));
  if (!head.success) {
    const [issue] = head.error.issues;
    throw new Error(`the head is not as expected: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { v: _, entries, ...rest } = head.data;
  let at = 4 + length;
  let last = rest.after;
  const unpacked = entries.map(({ sequence, kind, size }) => {
    if (sequence <= last) throw new Error(`entry ${sequence} comes after ${last}`);
    last = sequence;
    const body = bytes.subarray(at, at + size);
    at += size;
    return { sequence, kind, body };
  });
  if (at !== bytes.length) throw new Error(`the bodies take ${bytes.length - 4 - length} bytes, not as many as named`);
  return { ...rest, entries: unpacked };
}
