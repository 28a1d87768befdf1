import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wilson } from '#analysis/wilson.ts';

test('3 of 10 lies between 0.1078 and 0.6032', () => {
  const [low = 0, high = 0] = wilson(3, 10) ?? [];

  expect(low).toBeCloseTo(0.1078, 4);
  expect(high).toBeCloseTo(0.6032, 4);
});

test('nothing seen says nothing', () => {
  expect(wilson(0, 0)).toBeNull();
});

test('the interval holds the rate, stays within 0 and 1, and narrows with what is seen', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
      const hits = Math.round(n * part);
      const [low = -1, high = 2] = wilson(hits, n) ?? [];
      const [lowOfMore = -1, highOfMore = 2] = wilson(10 * hits, 10 * n) ?? [];

      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(hits / n + 1e-12);
      expect(high).toBeGreaterThanOrEqual(hits / n - 1e-12);
      expect(highOfMore - lowOfMore).toBeLessThan(high - low);
      const [lowOfOthers = -1, highOfOthers = 2] = wilson(n - hits, n) ?? [];
      expect(lowOfOthers).toBeCloseTo(1 - high, 12);
      expect(highOfOthers).toBeCloseTo(1 - low, 12);
    }),
  );
});
