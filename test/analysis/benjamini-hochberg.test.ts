import fc from 'fast-check';
import { expect, test } from 'vitest';
import { benjaminiHochberg } from '#analysis/benjamini-hochberg.ts';

const P = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216];

test('of ten tests the first two are found at 5 %', () => {
  const q = benjaminiHochberg(P);

  expect(q.map((value) => value <= 0.05)).toEqual(P.map((_, i) => i < 2));
  const wanted = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.1057142857142857, 0.216, 0.216, 0.216];
  for (const [i, value] of wanted.entries()) expect(q[i]).toBeCloseTo(value, 14);
});

test('nothing to judge gives nothing', () => {
  expect(benjaminiHochberg([])).toEqual([]);
});

test('at every level those are found that the step-up procedure finds, in any order of the tests', () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(p, { minLength: 1, maxLength: 30 }),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      (ps, level) => {
        const sorted = [...ps].sort((a, b) => a - b);
        const last = sorted.findLastIndex((value, i) => (value * ps.length) / (i + 1) <= level);
        const bound = last < 0 ? -1 : (sorted[last] ?? -1);
        expect(benjaminiHochberg(ps).map((q) => q <= level)).toEqual(ps.map((value) => value <= bound));
      },
    ),
  );
});
