import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK, formatRange, parseRange, windowStart } from '../../frontend/features/log/line-range.ts';

test('a link names one line or a stretch, in either order', () => {
  expect(parseRange('#L120')).toEqual({ from: 120, to: 120 });
  expect(parseRange('#L120-L140')).toEqual({ from: 120, to: 140 });
  expect(parseRange('#L120-140')).toEqual({ from: 120, to: 140 });
  expect(parseRange('#L140-L120')).toEqual({ from: 120, to: 140 });
});

test('anything else names nothing', () => {
  for (const hash of ['', '#', '#cases', '#L', '#L-1', '#L1-', '#L1x']) expect(parseRange(hash)).toBeNull();
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (a, b) => {
      const range = { from: Math.min(a, b), to: Math.max(a, b) };
      expect(parseRange(formatRange(range))).toEqual(range);
    }),
  );
});

test('the window of two blocks holds the line with room before and after it', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000_000 }), (line) => {
      const start = windowStart(line);
      expect(start % BLOCK).toBe(0);
      expect(line).toBeGreaterThanOrEqual(start);
      expect(line).toBeLessThan(start + 2 * BLOCK - BLOCK / 2);
      if (start > 0) expect(line - start).toBeGreaterThanOrEqual(BLOCK / 2);
    }),
  );
});
