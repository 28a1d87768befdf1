/**
 * Where a test began to fail more or less often: the likelihood of LUCI Analysis (Beta-Bernoulli), with the best of all
 * partitions in place of its greedy split, which misses an outage that has ended.
 */
import { logBeta } from './log-beta.ts';

/** Runs at one position of the source (a build, say), in order of the positions. */
export type PositionCounts = {
  runs: number;
  /** Runs of these that failed, at first or for good. */
  failed: number;
  /** Runs that were run again after a failure, and those of them that failed again. */
  retried: number;
  failedAfterRetry: number;
};

export type ChangePoint = {
  /** The first position of the new behaviour, counted from 0. */
  at: number;
  /** 99 % interval of it: it lies at one of these positions, both included. */
  from: number;
  until: number;
  /** Share of runs that failed before and after it, to the neighbouring change, 0 to 1. */
  failRateBefore: number;
  failRateAfter: number;
};

/** Positions looked at, at most: the cost grows with the square of those at which verdicts change. */
export const MOST_POSITIONS = 500;

/** A change must make the history so many times likelier. */
const PENALTY = Math.log(1e4);
const TAIL = 0.005;

/** Logarithm of the marginal likelihood of a stretch without a change. */
export function logLikelihood({ runs, failed, retried, failedAfterRetry }: PositionCounts): number {
  return betaBernoulli(failed, runs, 0.3, 0.5) + betaBernoulli(failedAfterRetry, retried, 0.5, 0.5);
}

/** @throws RangeError for more than MOST_POSITIONS positions: give the newest. */
export function findChangePoints(positions: readonly PositionCounts[]): ChangePoint[] {
  if (positions.length > MOST_POSITIONS)
    throw new RangeError(`${positions.length} positions are more than ${MOST_POSITIONS}.`);
  const sums = prefixSums(positions);
  const likelihood = (from: number, until: number) => logLikelihood(between(sums, from, until));
  const changes = partition(candidates(positions), likelihood);
  return changes.map((at, i) => {
    const [start, end] = [changes[i - 1] ?? 0, changes[i + 1] ?? positions.length];
    return {
      at,
      ...intervalOf(start, end, likelihood),
      failRateBefore: failRate(between(sums, start, at)),
      failRateAfter: failRate(between(sums, at, end)),
    };
  });
}

function betaBernoulli(hits: number, n: number, a: number, b: number): number {
  return n === 0 ? 0 : logBeta(hits + a, n - hits + b) - logBeta(a, b);
}

function prefixSums(positions: readonly PositionCounts[]): PositionCounts[] {
  let sum: PositionCounts = { runs: 0, failed: 0, retried: 0, failedAfterRetry: 0 };
  return [
    sum,
    ...positions.map((next) => {
      sum = {
        runs: sum.runs + next.runs,
        failed: sum.failed + next.failed,
        retried: sum.retried + next.retried,
        failedAfterRetry: sum.failedAfterRetry + next.failedAfterRetry,
      };
      return sum;
    }),
  ];
}

function between(sums: readonly PositionCounts[], from: number, until: number): PositionCounts {
  const [low, high] = [sums[from], sums[until]];
  if (!low || !high) throw new RangeError(`No positions ${from} to ${until}.`);
  return {
    runs: high.runs - low.runs,
    failed: high.failed - low.failed,
    retried: high.retried - low.retried,
    failedAfterRetry: high.failedAfterRetry - low.failedAfterRetry,
  };
}

function failRate({ failed, runs }: PositionCounts): number {
  return runs === 0 ? 0 : failed / runs;
}

/**
 * Both ends, and where a stretch of passes alone, or of failures alone, ends: inside one the likelihood of a split is
 * convex in its place, so that it is never best there.
 */
function candidates(positions: readonly PositionCounts[]): number[] {
  const kind = ({ runs, failed, retried }: PositionCounts) =>
    failed === 0 ? 'passes' : failed === runs && retried === 0 ? 'failures' : 'mixed';
  const inside = positions.flatMap((position, i) => {
    const before = positions[i - 1];
    return before && (kind(position) === 'mixed' || kind(position) !== kind(before)) ? [i] : [];
  });
  return positions.length === 0 ? [] : [0, ...inside, positions.length];
}

/** Optimal partitioning: F(j) = min over i of F(i) - logLikelihood(i, j) + penalty. The fewest changes of equally good. */
function partition(ends: readonly number[], likelihood: (from: number, until: number) => number): number[] {
  const best: { cost: number; from: number }[] = [{ cost: -PENALTY, from: 0 }];
  for (let j = 1; j < ends.length; j++) {
    let chosen = { cost: Infinity, from: 0 };
    for (let i = 0; i < j; i++) {
      const cost = (best[i]?.cost ?? Infinity) - likelihood(ends[i] ?? 0, ends[j] ?? 0) + PENALTY;
      if (cost < chosen.cost - 1e-9) chosen = { cost, from: i };
    }
    best.push(chosen);
  }
  const changes: number[] = [];
  for (let j = best.length - 1; j > 0; ) {
    j = best[j]?.from ?? 0;
    if (j > 0) changes.unshift(ends[j] ?? 0);
  }
  return changes;
}

/** Of the change between two others: where the likelihood of its place leaves less than half a percent on each side. */
function intervalOf(
  start: number,
  end: number,
  likelihood: (from: number, until: number) => number,
): { from: number; until: number } {
  const logs: number[] = [];
  for (let at = start + 1; at < end; at++) logs.push(likelihood(start, at) + likelihood(at, end));
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  let from: number | null = null;
  for (const [i, weight] of weights.entries()) {
    sum += weight;
    if (from === null && sum > TAIL * total) from = start + 1 + i;
    if (sum >= (1 - TAIL) * total) return { from: from ?? start + 1, until: start + 1 + i };
  }
  return { from: from ?? start + 1, until: end - 1 };
}
