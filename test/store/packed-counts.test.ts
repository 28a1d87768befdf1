import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addCounts, createCountSums, packCounts, unpackCounts } from '#store/packed-counts.ts';

const MOST = 70_000;
const counts = fc
  .map(fc.integer({ min: 1, max: MOST }), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1_000_000 })))
  .map((some) => new Map([...some].sort(([a], [b]) => a - b)));

test('what was packed is unpacked', () => {
  fc.assert(
    fc.property(counts, (some) => {
      expect([...unpackCounts(packCounts([...some]))]).toEqual([...some]);
    }),
  );
});

test('rows that are added up are the sum of each id', () => {
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 5 }), (rows) => {
      const into = createCountSums(MOST + 1);
      const wanted = new Map<number, number>();
      for (const row of rows) {
        addCounts(packCounts([...row]), into);
        for (const [id, count] of row) wanted.set(id, (wanted.get(id) ?? 0) + count);
      }

      const found = [...into.seen.slice(0, into.size)].map((id) => [id, into.sums[id]] as const);
      expect(new Map(found)).toEqual(wanted);
      expect(found).toHaveLength(wanted.size);
    }),
    { numRuns: 50 },
  );
});
