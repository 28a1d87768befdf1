import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignLines } from '#analysis/align-lines.ts';
import { toRows } from '#analysis/log-rows.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 60 });

test('every line is in one row or in a stretch that is left out, in order, and what differs is always shown', () => {
  fc.assert(
    fc.property(lines, lines, fc.nat({ max: 4 }), (base, target, context) => {
      const matches = alignLines(base, target);
      const rows = toRows(matches, base.length, target.length, context);
      const places = (side: 'base' | 'target') => rows.map((row) => row[side]).filter((n) => n !== null);
      for (const side of ['base', 'target'] as const)
        expect(places(side)).toEqual([...new Set(places(side))].sort((a, b) => a - b));
      const leftOut = rows.filter((row) => row.base === null && row.target === null);
      const hidden = leftOut.reduce((n, { count }) => n + count, 0);
      expect(places('base').length + hidden).toBe(base.length);
      expect(places('target').length + hidden).toBe(target.length);
      expect(rows.filter((row) => !row.isSame && row.base !== null)).toHaveLength(base.length - matches.length);
      for (const row of rows)
        if (row.isSame && row.base !== null && row.target !== null) expect(base[row.base]).toBe(target[row.target]);
      for (const { count, isSame } of leftOut) expect([isSame, count > 1]).toEqual([true, true]);
    }),
    { numRuns: 2_000 },
  );
});

test('what differs has its context, and lists that are the same are one stretch', () => {
  const many = Array.from({ length: 10 }, (_, i) => `line ${i}`);
  const changed = many.with(5, 'other');
  const rows = toRows(alignLines(many, changed), 10, 10, 2);
  expect(rows.map(({ base, isSame, count }) => [base, isSame, count])).toEqual([
    [null, true, 3],
    [3, true, 1],
    [4, true, 1],
    [5, false, 1],
    [6, true, 1],
    [7, true, 1],
    [null, true, 2],
  ]);
  expect(toRows(alignLines(many, many), 10, 10, 2)).toEqual([{ base: null, target: null, isSame: true, count: 10 }]);
});
