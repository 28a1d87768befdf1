import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignLines } from '#analysis/align-lines.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { maxLength: 40 });

test('what is matched is the same and in the order of both', () => {
  fc.assert(
    fc.property(lines, lines, (base, target) => {
      let last = { base: -1, target: -1 };
      for (const match of alignLines(base, target)) {
        expect(base[match.base]).toBe(target[match.target]);
        expect(match.base).toBeGreaterThan(last.base);
        expect(match.target).toBeGreaterThan(last.target);
        last = match;
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a list beside itself is matched whole, and lines that were added or removed leave the others matched', () => {
  fc.assert(
    fc.property(lines, fc.array(fc.nat({ max: 40 }), { maxLength: 6 }), (base, places) => {
      expect(alignLines(base, base)).toHaveLength(base.length);
      const added: string[] = [...base];
      for (const [i, place] of places.entries()) added.splice(Math.min(place, added.length), 0, `added ${i}`);
      expect(alignLines(base, added)).toHaveLength(base.length);
      expect(alignLines(added, base)).toHaveLength(base.length);
    }),
    { numRuns: 2_000 },
  );
});

test('lines that moved stand beside themselves once, and large pieces in which nothing occurs once stay apart', () => {
  expect(alignLines(['x', 'a', 'b', 'c'], ['a', 'b', 'c', 'x'])).toEqual([
    { base: 1, target: 0 },
    { base: 2, target: 1 },
    { base: 3, target: 2 },
  ]);
  const repeated = (first: string, second: string) =>
    Array.from({ length: 2_000 }, (_, i) => (i % 2 === 0 ? first : second));
  expect(alignLines(repeated('a', 'b'), repeated('b', 'a'))).toEqual([]);
});
