import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fisherRightTail, logFisherRightTail } from '#analysis/fisher.ts';
import { expectNear } from './near.ts';

/** Sample fails and passes, base fails and passes; tails summed with 60 digits. */
test.each([
  [10, 90, 2, 198, 0.00042108582585851495],
  [3, 97, 1, 99, 0.3106012294977425],
  [3, 7, 0, 100, 0.0005560189046427579],
  [6, 2, 4, 68, 1.7786781861873353e-5],
  [20, 10, 12, 108, 7.207394184624505e-10],
  [1_000, 999_000, 900, 999_100, 0.011521834974611744],
  [5, 1_999_995, 0, 3_000_000, 0.010239969280013824],
  [500_000, 500_000, 498_000, 502_000, 0.002349174153549733],
  [40_000, 960_000, 42_000, 958_000, 0.9999999999995194],
])('%s failures and %s passes after %s and %s have p = %s', (a, b, c, d, p) => {
  expectNear(fisherRightTail(a, b, c, d), p);
});

test.each([
  [300, 20, 2, 1_000_000, -2646.6500999259074],
  [1_200, 0, 0, 1_200, -1659.4357258163923],
])('what is less than a number can be has its logarithm: %s, %s, %s, %s', (a, b, c, d, log) => {
  expect(fisherRightTail(a, b, c, d)).toBe(0);
  expectNear(logFisherRightTail(a, b, c, d), log, 1e-14);
});

test('nothing failed, nothing ran, or all failed everywhere: as many failures or more are certain', () => {
  expect(fisherRightTail(0, 10, 5, 5)).toBe(1);
  expect(fisherRightTail(0, 0, 0, 0)).toBe(1);
  expect(fisherRightTail(0, 0, 3, 4)).toBe(1);
  expect(fisherRightTail(5, 5, 0, 0)).toBe(1);
  expect(fisherRightTail(7, 0, 9, 0)).toBe(1);
});

test('what is no count is refused', () => {
  for (const bad of [-1, 0.5, Number.NaN, Infinity]) expect(() => fisherRightTail(1, bad, 1, 1)).toThrow(RangeError);
});

function choose(n: number, k: number): bigint {
  let result = 1n;
  for (let i = 0; i < k; i++) result = (result * BigInt(n - i)) / BigInt(i + 1);
  return k > n ? 0n : result;
}

/** Counted in whole numbers. */
function counted(a: number, b: number, c: number, d: number): number {
  let ways = 0n;
  for (let x = a; x <= Math.min(a + b, a + c); x++) ways += choose(a + c, x) * choose(b + d, a + b - x);
  const all = choose(a + b + c + d, a + b);
  const digits = 10n ** 40n;
  return Number((ways * digits) / all) / 1e40;
}

const count = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 120 }));

test('p is what counting all tables gives', () => {
  fc.assert(
    fc.property(count, count, count, count, (a, b, c, d) => {
      const wanted = counted(a, b, c, d);
      if (wanted > 1e-25) expectNear(fisherRightTail(a, b, c, d), wanted);
      else expect(fisherRightTail(a, b, c, d)).toBeLessThan(1e-24);
    }),
    { numRuns: 2_000 },
  );
});

test('windows and verdicts may change places together, and both tails leave one table twice', () => {
  const large = fc.integer({ min: 0, max: 2_000_000 });
  fc.assert(
    fc.property(large, large, large, large, (a, b, c, d) => {
      const p = logFisherRightTail(a, b, c, d);
      expect(p).toBeLessThanOrEqual(0);
      expectNear(logFisherRightTail(d, c, b, a), p, 1e-9);
      const other = fisherRightTail(c, d, a, b);
      expect(Math.exp(p) + other).toBeGreaterThanOrEqual(1 - 1e-12);
    }),
  );
});
