import { expect, test } from 'vitest';
import { logBeta, logGamma } from '#analysis/log-beta.ts';
import { expectNear } from './near.ts';

test.each([
  [0.3, 1.0957979948180756],
  [0.5, 0.5723649429247001],
  [1.5, -0.12078223763524522],
  [9.75, 12.242204940050762],
  [10, 12.801827480081469],
  [123.4, 469.3360974421906],
])('log gamma of %s is %s', (x, wanted) => {
  expectNear(logGamma(x), wanted, 4e-15);
});

test('log gamma of 1 and 2 is 0', () => {
  expect(logGamma(1)).toBeCloseTo(0, 14);
  expect(logGamma(2)).toBeCloseTo(0, 14);
});

test.each([
  [0.3, 0.5, 1.516103259342938],
  [3.3, 30.5, -10.412178905339843],
  [12.5, 14.25, -18.504043071098046],
  [1000.5, 250000.5, -6528.755964257336],
  [0.5, 1000000.5, -6.335390461057437],
])('log beta of %s and %s is %s, either way round', (p, q, wanted) => {
  expectNear(logBeta(p, q), wanted, 1e-14);
  expect(logBeta(q, p)).toBe(logBeta(p, q));
});
