import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addFlips, packFlips, unpackFlips } from '#store/flip-day.ts';

const MOST = 70_000;
const day = fc.map(fc.integer({ min: 1, max: MOST }), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1_000_000 })));

test('what was packed is unpacked', () => {
  fc.assert(
    fc.property(day, (flips) => {
      expect(unpackFlips(packFlips(flips))).toEqual(flips);
    }),
  );
});

test('days that are added up are the sum of each case', () => {
  fc.assert(
    fc.property(fc.array(day, { maxLength: 5 }), (days) => {
      const into = { sums: new Int32Array(MOST + 1), seen: new Int32Array(MOST + 1), size: 0 };
      const wanted = new Map<number, number>();
      for (const flips of days) {
        addFlips(packFlips(flips), into);
        for (const [caseId, count] of flips) wanted.set(caseId, (wanted.get(caseId) ?? 0) + count);
      }

      const found = [...into.seen.slice(0, into.size)].map((caseId) => [caseId, into.sums[caseId]] as const);
      expect(new Map(found)).toEqual(wanted);
      expect(found).toHaveLength(wanted.size);
    }),
    { numRuns: 50 },
  );
});
