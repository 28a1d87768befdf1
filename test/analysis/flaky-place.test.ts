import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fisherRightTail } from '#analysis/fisher.ts';
import { isEverywhere, onlyPlace } from '#analysis/flaky-place.ts';

const at = (fails: number, runs: number) => ({ fails, runs });

test('one place is named where the others had shown it', () => {
  expect(fisherRightTail(3, 17, 0, 60) * 3).toBeLessThan(0.05);
  expect(
    onlyPlace(
      new Map([
        ['a', at(3, 20)],
        ['b', at(0, 40)],
        ['c', at(0, 20)],
      ]),
    ),
  ).toBe('a');
  expect(
    onlyPlace(
      new Map([
        ['a', at(3, 20)],
        ['b', at(0, 5)],
      ]),
    ),
  ).toBeNull();
  expect(onlyPlace(new Map([['a', at(9, 20)]]))).toBeNull();
  expect(
    onlyPlace(
      new Map([
        ['a', at(9, 20)],
        ['b', at(1, 90)],
      ]),
    ),
  ).toBeNull();
});

test('a place alone, and everywhere, are never both, and names do not matter', () => {
  const place = fc
    .integer({ min: 0, max: 60 })
    .chain((runs) => fc.record({ runs: fc.constant(runs), fails: fc.nat({ max: runs }) }));
  fc.assert(
    fc.property(fc.array(place, { maxLength: 5 }), (places) => {
      const found = onlyPlace(new Map(places.entries()));
      const turned = onlyPlace(new Map([...places.entries()].reverse()));
      expect(turned).toBe(found);
      if (found !== null) {
        expect(isEverywhere(new Map(places.entries()))).toBe(false);
        expect(places.filter(({ fails }) => fails > 0)).toEqual([places[found]]);
      }
    }),
  );
});
