import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divergence, findLevelShifts } from '#analysis/level-shifts.ts';
import { mannWhitney } from '#analysis/mann-whitney.ts';
import { normalTail, studentTwoSided } from '#analysis/normal-tail.ts';
import { perfherderChanges, weightedT } from '#analysis/perfherder.ts';
import { expectNear } from './near.ts';

const LOW = [100, 101, 99, 100, 102, 98, 100, 101, 99, 100, 101, 99];
const HIGH = LOW.map((value) => value + 10);
const STEP = [...LOW, ...HIGH];

test.each([
  [0, 0.5],
  [0.5, 0.3085375387259869],
  [1, 0.15865525393145705],
  [2.5, 0.006209665325776135],
  [2.9, 0.001865813300384038],
  [4.16, 1.591237971908218e-5],
  [8, 6.220960574271784e-16],
  [30, 4.906713927148187e-198],
])('beyond %s sigma lies %s', (z, wanted) => {
  expectNear(normalTail(z), wanted);
  expectNear(normalTail(-z), 1 - wanted);
});

test.each([
  [2.1, 10, 0.06207724420221858],
  [0.3, 3, 0.783763292039919],
  [21.9, 22, 1.9830295657656775e-16],
  [5, 1, 0.12566591637800237],
  [12, 60, 1.3786322641817738e-17],
])('t = %s with %s degrees has p = %s', (t, degrees, wanted) => {
  expectNear(studentTwoSided(t, degrees), wanted);
  expect(studentTwoSided(-t, degrees)).toBe(studentTwoSided(t, degrees));
});

test('100 to 110: t, Q and U', () => {
  expect(weightedT(LOW.toReversed(), HIGH)).toBeCloseTo(21.9521, 4);
  const divergences = STEP.map((_, at) => (at < 2 ? -1 : divergence(STEP, at)));
  expect(Math.max(...divergences)).toBe(divergences[12]);
  expect(divergences[12]).toBeCloseTo(104.3636, 4);
  const { u, p, delta } = mannWhitney(LOW, HIGH);
  expect([u, delta]).toEqual([0, 1]);
  expectNear(p ?? 1, 3.1721083355863014e-5);
});

test('ties count half', () => {
  const { u, p } = mannWhitney([1, 2, 3, 4, 5, 5], [3, 4, 5, 6, 7, 8, 9]);

  expect(u).toBe(7);
  expectNear(p ?? 1, 0.05181525175316386);
});

test('too few values have no p, equal ones p = 1', () => {
  expect(mannWhitney([], [1])).toEqual({ u: 0, p: null, delta: null });
  expect(mannWhitney([1, 2, 3, 4], [5, 6, 7, 8, 9]).p).toBeNull();
  expect(mannWhitney([1, 1, 1, 1, 1], [1, 1, 1, 1, 1])).toEqual({ u: 12.5, p: 1, delta: 0 });
});

test('U and delta are those of all pairs', () => {
  const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(values, values, (one, other) => {
      const pairs = one.flatMap((x) => other.map((y) => Math.sign(x - y)));
      const { u, p, delta } = mannWhitney(one, other);
      expect(u).toBe(pairs.reduce((sum, sign) => sum + (sign + 1) / 2, 0));
      expect(delta).toBeCloseTo(-pairs.reduce((sum, sign) => sum + sign, 0) / pairs.length, 12);
      expect(mannWhitney(other, one).p).toBe(p);
    }),
  );
});

test('Perfherder finds a step once, where it is, and none that is too small, too late or absent', () => {
  expect(perfherderChanges(STEP).map(({ at }) => at)).toEqual([12]);
  expect(perfherderChanges(STEP.slice(0, -1))).toEqual([]);
  expect(perfherderChanges([...LOW, ...LOW])).toEqual([]);
  const small = [...LOW, ...LOW].map((value, i) => 1000 + value / 100 + (i < 12 ? 0 : 1));
  expect(perfherderChanges(small)).toEqual([]);
  expect(perfherderChanges(small, { magnitude: 0.0001 }).map(({ at }) => at)).toEqual([12]);
  const [change] = perfherderChanges([...Array(12).fill(5), ...Array(12).fill(6)]);
  expect(change).toEqual({ at: 12, t: Infinity, before: 5, after: 6 });
});

test('levels that last are found wherever they begin, and one value out of line is none', () => {
  const levels = [...STEP, ...LOW, ...LOW, ...HIGH, ...HIGH, ...HIGH, ...HIGH, ...HIGH, ...LOW];
  expect(findLevelShifts(levels).map(({ at }) => at)).toEqual([12, 24, 48, 108]);
  expect(findLevelShifts([...LOW, 150, ...LOW])).toEqual([]);
  expect(findLevelShifts([...LOW, ...LOW])).toEqual([]);
  expect(findLevelShifts([])).toEqual([]);
  const [shift] = findLevelShifts(STEP);
  expect(shift).toMatchObject({ at: 12, before: 100, after: 110 });
  expect(findLevelShifts(STEP, { magnitude: 0.11 })).toEqual([]);
});

test('shifts do not depend on the unit', () => {
  const value = fc.integer({ min: 90, max: 110 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 5, maxLength: 20 }), fc.integer({ min: 0, max: 40 }), (noise, by) => {
      const values = [...noise, ...noise.map((x) => x + by)];
      const places = (list: readonly number[]) => findLevelShifts(list).map(({ at }) => at);
      expect(places(values.map((x) => x * 1024))).toEqual(places(values));
    }),
  );
});

test("E-divisive's Q is that of all pairs", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 14 }), fc.nat(), (values, n) => {
      const at = 2 + (n % (values.length - 3));
      const [a, b] = [values.slice(0, at), values.slice(at)];
      const mean = (one: number[], other: number[], pairs: number) =>
        one.flatMap((x) => other.map((y) => Math.abs(x - y))).reduce((sum, d) => sum + d, 0) / pairs;
      const within = (list: number[]) => mean(list, list, list.length * (list.length - 1));
      const wanted =
        ((a.length * b.length) / values.length) * (2 * mean(a, b, a.length * b.length) - within(a) - within(b));
      expect(divergence(values, at)).toBeCloseTo(wanted, 8);
    }),
  );
});
