import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findChangePoints, logLikelihood, MOST_POSITIONS, type PositionCounts } from '#analysis/change-points.ts';

const PASS = { runs: 1, failed: 0, retried: 0, failedAfterRetry: 0 };
const FAIL = { ...PASS, failed: 1 };

function series(text: string): PositionCounts[] {
  return [...text].map((letter) => (letter === 'F' ? FAIL : PASS));
}

function sum(positions: readonly PositionCounts[]): PositionCounts {
  return positions.reduce((all, one) => ({
    runs: all.runs + one.runs,
    failed: all.failed + one.failed,
    retried: all.retried + one.retried,
    failedAfterRetry: all.failedAfterRetry + one.failedAfterRetry,
  }));
}

function gain(positions: readonly PositionCounts[], at: number): number {
  const [before, after] = [positions.slice(0, at), positions.slice(at)];
  return logLikelihood(sum(before)) + logLikelihood(sum(after)) - logLikelihood(sum(positions)) - Math.log(1e4);
}

test.each([
  [`${'P'.repeat(30)}FFF`, 30, -0.2271934075895068],
  [`${'P'.repeat(30)}FFFF`, 30, 1.9582663281671255],
])('%s gains %s, %s', (text, at, wanted) => {
  expect(gain(series(text), at)).toBeCloseTo(wanted, 11);
});

test.each([
  ['30 passes and 3 failures', `${'P'.repeat(30)}FFF`, []],
  ['30 passes and 4 failures', `${'P'.repeat(30)}FFFF`, [30]],
  ['10 passes and 5 failures', `${'P'.repeat(10)}FFFFF`, []],
  ['50 passes, then passing and failing by turns', `${'P'.repeat(50)}${'PF'.repeat(10)}`, [51]],
  ['20 passes, 8 failures, 20 passes', `${'P'.repeat(20)}${'F'.repeat(8)}${'P'.repeat(20)}`, [20, 28]],
  ['nothing', '', []],
  ['one run', 'F', []],
])('changes of %s', (_, text, wanted) => {
  expect(findChangePoints(series(text)).map(({ at }) => at)).toEqual(wanted);
});

test('the interval of a sharp change is narrow, that of a vague one wide, and both hold the change', () => {
  const [sharp] = findChangePoints(series('P'.repeat(60) + 'F'.repeat(60)));
  expect(sharp).toEqual({ at: 60, from: 59, until: 61, failRateBefore: 0, failRateAfter: 1 });
  const [vague] = findChangePoints(series('P'.repeat(60) + 'PPF'.repeat(30)));
  expect(vague?.from).toBeLessThan(vague?.at ?? 0);
  expect(vague?.until).toBeGreaterThan(vague?.at ?? 0);
});

test('more positions than are looked at are refused', () => {
  expect(() => findChangePoints(series('P'.repeat(MOST_POSITIONS + 1)))).toThrow(RangeError);
});

/** The cost of the best of all partitions. */
function leastCost(positions: readonly PositionCounts[]): number {
  let least = Infinity;
  for (let cuts = 0; cuts < 2 ** (positions.length - 1); cuts++) {
    const ends = positions.flatMap((_, i) => (i === 0 || cuts & (2 ** (i - 1)) ? [i] : []));
    least = Math.min(least, costOf(positions, ends));
  }
  return least;
}

function costOf(positions: readonly PositionCounts[], starts: readonly number[]): number {
  return starts.reduce(
    (cost, start, i) => cost - logLikelihood(sum(positions.slice(start, starts[i + 1]))) + (i > 0 ? Math.log(1e4) : 0),
    0,
  );
}

const position = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.nat({ max: 3 }), fc.nat({ max: 40 }), fc.nat({ max: 40 }))
  .map(([runs, kind, part, again]): PositionCounts => {
    const failed = kind === 0 ? 0 : kind === 1 ? runs : part % (runs + 1);
    const retried = kind === 3 ? again % (failed + 1) : 0;
    return { runs, failed, retried, failedAfterRetry: retried === 0 ? 0 : part % (retried + 1) };
  });

test('no other partition is better', () => {
  fc.assert(
    fc.property(fc.array(position, { minLength: 1, maxLength: 9 }), (positions) => {
      const found = findChangePoints(positions);
      expect(costOf(positions, [0, ...found.map(({ at }) => at)])).toBeCloseTo(leastCost(positions), 6);
      for (const { at, from, until } of found) {
        expect(from).toBeLessThanOrEqual(at);
        expect(until).toBeGreaterThanOrEqual(at);
      }
    }),
    { numRuns: 300 },
  );
});
