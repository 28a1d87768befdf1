import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendLines, lastLine, readLines } from '#store/live-log.ts';
import { temporaryWriter } from './temporary.ts';

const read = { limit: 5_000, mostBytes: 1_000_000 };

test('lines come back as they were, from any line on, however they came', async () => {
  const { store, transaction } = await temporaryWriter();
  let jobId = 0;
  const texts = fc.array(
    fc.array(fc.oneof(fc.string({ maxLength: 20 }), fc.constant('x'.repeat(90_000))), { maxLength: 5 }),
    {
      maxLength: 5,
    },
  );
  await fc.assert(
    fc.asyncProperty(texts, fc.nat(30), fc.integer({ min: 1, max: 30 }), async (rounds, from, limit) => {
      jobId += 1;
      const all: string[] = [];
      for (const round of rounds) {
        const lines = round.map((text) => text.replaceAll('\n', ' '));
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        expect(await transaction(() => appendLines(store.sql, jobId, all.length, bytes))).toBe(
          all.length + lines.length,
        );
        all.push(...lines.map((text) => Buffer.from(text).toString()));
      }
      const found = await readLines(store.sql, jobId, { from, limit, mostBytes: 10_000_000 });
      expect(found).toEqual(all.map((raw, n) => ({ n, raw })).slice(from, from + limit));
      const last = all.at(-1);
      expect((await lastLine(store.sql, jobId))?.toString() ?? null).toBe(last === undefined ? null : `${last}\n`);
    }),
    {
      numRuns: 60,
      examples: [
        [[['']], 0, 1],
        [[['a', '']], 0, 1],
      ],
    },
  );
});

test('of a log the newest 16 MB are kept, in few rows; numbers go on', async () => {
  const { store, transaction } = await temporaryWriter();
  const thousand = Buffer.from(`${'x'.repeat(999)}\n`.repeat(1_000));
  for (let i = 0; i < 20; i++) await transaction(() => appendLines(store.sql, 1, i * 1_000, thousand));
  const [kept] = await store.sql.all<{ rows: number; bytes: number }>(
    'SELECT count(*) AS rows, sum(bytes) AS bytes FROM live_piece',
  );
  expect(Number(kept?.bytes)).toBeLessThanOrEqual(16 * 1024 * 1024);
  expect(Number(kept?.bytes)).toBeGreaterThan(15 * 1024 * 1024);
  expect(Number(kept?.rows)).toBeLessThan(100);
  const [first] = await readLines(store.sql, 1, { ...read, from: 0 });
  expect(first?.n).toBeGreaterThan(2_000);
  const end = await readLines(store.sql, 1, { ...read, from: 19_990 });
  expect(end.map(({ n }) => n)).toEqual(Array.from({ length: 10 }, (_, i) => 19_990 + i));
});

test('a day of single lines is a handful of rows, and an answer has a megabyte at most', async () => {
  const { store, transaction } = await temporaryWriter();
  const one = Buffer.from(`${'y'.repeat(500)}\n`);
  for (let i = 0; i < 600; i++) await transaction(() => appendLines(store.sql, 1, i, one));
  const [kept] = await store.sql.all<{ rows: number }>('SELECT count(*) AS rows FROM live_piece');
  expect(Number(kept?.rows)).toBeLessThan(8);
  expect((await readLines(store.sql, 1, { from: 0, limit: 5_000, mostBytes: 10_000 })).length).toBe(20);
});
