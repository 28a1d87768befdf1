import { expect, test } from 'vitest';
import { fisherRightTail } from '#analysis/fisher.ts';
import { periodChange } from '#analysis/period-change.ts';

const base = { passes: 20, fails: 0 };

test('a test that fails where it passed is worse, by twice the tail of Fisher’s test', () => {
  const change = periodChange([base, { passes: 5, fails: 5 }]);

  expect(change?.direction).toBe('WORSE');
  expect(change?.p).toBeCloseTo(2 * fisherRightTail(5, 5, 0, 20), 15);
  expect(change?.p).toBeCloseTo(2 * (252 / 142506), 12);
});

test('the other way round it is better by the same p', () => {
  const [worse, better] = [[base, { passes: 5, fails: 5 }] as const, [{ passes: 5, fails: 5 }, base] as const];

  expect(periodChange(better)).toEqual({ ...periodChange(worse), direction: 'BETTER' });
});

test('of several periods the one that differs most is told, and pays for having been chosen', () => {
  const two = periodChange([base, { passes: 5, fails: 5 }]);
  const three = periodChange([base, { passes: 20, fails: 0 }, { passes: 5, fails: 5 }]);

  expect(three?.p).toBeCloseTo(2 * (two?.p ?? 0), 15);
  expect(periodChange([base, { passes: 10, fails: 0 }])?.p).toBe(1);
});

test('what did not run in the first period, or in no other, is not judged', () => {
  const none = { passes: 0, fails: 0 };

  expect(periodChange([none, base])).toBeNull();
  expect(periodChange([base, none])).toBeNull();
  expect(periodChange([base, none, { passes: 5, fails: 5 }])?.p).toBe(periodChange([base, { passes: 5, fails: 5 }])?.p);
});
