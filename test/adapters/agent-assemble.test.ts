/** What comes of an agent's entries, also of those that no agent of ours would send. */
import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createAssembler } from '#adapters/agent/assemble.ts';
import { entriesOf } from '#adapters/agent/entry.ts';
import type { InboxEntry } from '#adapters/agent/inbox.ts';
import type { JobChange } from '#schema/records.ts';
import { collect, context } from '../contract/adapter.ts';
import { lavaWorld } from './lava-world.ts';

const lava = lavaWorld();

async function changes(): Promise<JobChange[]> {
  return (await collect(lava().adapter.changes(null, context()))).flatMap((delta) => delta.changes);
}

const numbered = (entries: Iterable<{ kind: string; body: Buffer }>): InboxEntry[] =>
  [...entries].map((entry, i) => ({ ...entry, term: 1, sequence: i + 1 }));
const packed = (kind: string, message: object | Buffer): { kind: string; body: Buffer } => ({
  kind,
  body: zstdCompressSync(Buffer.isBuffer(message) ? message : JSON.stringify(message)),
});

function assembled(entries: readonly InboxEntry[]) {
  const assembler = createAssembler();
  return entries.flatMap((entry) => assembler.take(entry) ?? []);
}

const plain = (change: JobChange) => {
  const { results } = change;
  const log = results?.log && Buffer.concat([...results.log.bytes]).toString();
  return { ...change, results: results && { ...results, log, truncated: results.log?.truncated } };
};

test('what is sent is what is given', async () => {
  const sent = await changes();
  const [given] = assembled(
    numbered(entriesOf({ changes: sent, rejected: [], bookmark: '', left: 3, settled: ['9'] })),
  );
  expect(given?.changes.map(plain)).toEqual(sent.map(plain));
  expect(given).toMatchObject({ rejected: [], left: 3, settled: ['9'], run: null });
});

test('a job that lacks an entry is set aside, the others are given', async () => {
  const sent = await changes();
  const entries = numbered(entriesOf({ changes: sent, rejected: [], bookmark: '' }));
  const [given] = assembled(entries.filter(({ kind }, i) => kind !== 'cases' || i > 3));
  expect(given?.changes).toHaveLength(sent.length - 1);
  expect(given?.rejected).toMatchObject([
    { stage: 'job', reason: expect.stringContaining('0 cases came, and 3 were sent') },
  ]);
});

test('what no agent sends is told once, however much of it comes', async () => {
  const [change] = await changes();
  const bomb = packed('cases', Buffer.alloc(31 * 1024 * 1024, ' '));
  const [given, run] = assembled(
    numbered([
      ...Array.from({ length: 12 }, () => bomb),
      packed('job', { job: change?.job, settled: true, results: null }),
      packed('delta', { jobs: 1, rejected: 0, left: 0, settled: [] }),
      packed('run', { at: 'now' }),
    ]),
  );
  expect(given?.changes).toEqual([]);
  expect(given?.rejected).toMatchObject([{ reason: expect.stringContaining('bytes are sent as one') }]);
  expect(run?.rejected).toMatchObject([{ reason: expect.stringContaining('at: ') }]);
});

test('an entry that unpacks to more than an entry may be, is of a kind nobody knows, or cannot be unpacked, is set aside', () => {
  const [given] = assembled(
    numbered([
      packed('rejected', Buffer.alloc(33 * 1024 * 1024)),
      packed('comment', {}),
      { kind: 'rejected', body: Buffer.from('no zstd') },
      packed('rejected', { stage: 'job', externalId: '7', path: 'x', reason: 'odd', raw: 'token: sesame' }),
      packed('delta', { jobs: 0, rejected: 1, left: 0, settled: [] }),
    ]),
  );
  expect(given?.rejected).toHaveLength(4);
  expect(given?.rejected[2]?.raw).toBe(Buffer.from('no zstd').toString('base64'));
  expect(given?.rejected[3]).toMatchObject({ externalId: '7', reason: 'odd' });
});

test('what began in another spool does not go on', async () => {
  const sent = await changes();
  const entries = numbered(entriesOf({ changes: sent, rejected: [], bookmark: '' }));
  const assembler = createAssembler();
  for (const entry of entries.slice(0, 7)) assembler.take(entry);
  assembler.reset();
  const given = entries.flatMap((entry) => assembler.take(entry) ?? []);
  expect(given[0]?.changes).toHaveLength(sent.length);
});
