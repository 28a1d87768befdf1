/**
 * Where a measurement changed its level for good: the splits of E-divisive in windows, and a merge bottom-up that keeps those
 * a t-test and a least size accept, as Hunter (Apache Otava) does. Nothing is drawn by chance.
 */
import { studentTwoSided } from './normal-tail.ts';

export type LevelShift = {
  /** The first value of the new level. */
  at: number;
  /** Means from the shift before to this one, and from this one to the next. */
  before: number;
  after: number;
  /** Two-sided, of Student's t of the two stretches. */
  p: number;
};

export type LevelShiftOptions = {
  window: number;
  maxP: number;
  /** Least relative change, of either mean against the other: 0.02 is two percent. */
  magnitude: number;
};

export const LEVEL_SHIFT_OPTIONS: LevelShiftOptions = { window: 50, maxP: 0.001, magnitude: 0.02 };

/** A split is looked at more closely at this many times the p at which it is kept. */
const LAX = 10;
/** The fewest values of a stretch that has a spread. */
const FEWEST = 3;

/**
 * E-divisive's Q: how far apart the values before `at` and from there on lie, less what lies within them. Of M. Matteson,
 * N. James (2014), as MongoDB's signal processing computes it.
 */
export function divergence(values: readonly number[], at: number): number {
  const [one, other] = [values.slice(0, at), values.slice(at)];
  const [n, m] = [one.length, other.length];
  const between = one.reduce((sum, x) => sum + other.reduce((s, y) => s + Math.abs(x - y), 0), 0);
  const within = (stretch: readonly number[]) =>
    stretch.length < 2 ? 0 : (2 * pairSum(stretch)) / (stretch.length * (stretch.length - 1));
  return ((n * m) / (n + m)) * ((2 * between) / (n * m) - within(one) - within(other));
}

/** Values in order of time, in one unit. */
export function findLevelShifts(values: readonly number[], given: Partial<LevelShiftOptions> = {}): LevelShift[] {
  const options = { ...LEVEL_SHIFT_OPTIONS, ...given };
  return merge(values, splitInWindows(values, options), options);
}

/** Sum of |x - y| over all pairs. */
function pairSum(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce((sum, value, i) => sum + value * (2 * i - sorted.length + 1), 0);
}

function splitInWindows(values: readonly number[], { window, maxP }: LevelShiftOptions): number[] {
  const found = new Set<number>();
  for (let start = 0; start < values.length; ) {
    const here = split(values.slice(start, start + window), Math.min(1, maxP * LAX)).map((at) => start + at);
    for (const at of here) found.add(at);
    if (start + window >= values.length) break;
    start = Math.max(here[0] ?? 0, start + Math.floor(window / 2));
  }
  return [...found].sort((a, b) => a - b);
}

/** The best split, and the best of each side, as long as the t-test lets them pass. */
function split(values: readonly number[], maxP: number): number[] {
  let [best, most] = [0, -Infinity];
  for (let at = FEWEST; at <= values.length - FEWEST; at++) {
    const q = divergence(values, at);
    if (q > most) [best, most] = [at, q];
  }
  if (best === 0 || tTest(values.slice(0, best), values.slice(best)).p > maxP) return [];
  return [...split(values.slice(0, best), maxP), best, ...split(values.slice(best), maxP).map((at) => best + at)];
}

/** The weakest goes first, and its neighbours are judged anew. */
function merge(
  values: readonly number[],
  splits: readonly number[],
  { maxP, magnitude }: LevelShiftOptions,
): LevelShift[] {
  const shifts = splits.map((at, i) => ({
    at,
    ...tTest(values.slice(splits[i - 1] ?? 0, at), values.slice(at, splits[i + 1] ?? values.length)),
  }));
  const size = ({ before, after }: LevelShift) =>
    Math.abs(after - before) / Math.max(Number.MIN_VALUE, Math.min(Math.abs(before), Math.abs(after)));
  const [first, ...others] = shifts;
  if (!first) return [];
  const unlikely = others.reduce((worst, shift) => (shift.p > worst.p ? shift : worst), first);
  const smallest = others.reduce((least, shift) => (size(shift) < size(least) ? shift : least), first);
  const weakest = unlikely.p > maxP ? unlikely : size(smallest) < magnitude ? smallest : null;
  if (!weakest) return shifts;
  return merge(
    values,
    splits.filter((at) => at !== weakest.at),
    { window: 0, maxP, magnitude },
  );
}

function tTest(one: readonly number[], other: readonly number[]): { before: number; after: number; p: number } {
  const [a, b] = [meanOf(one), meanOf(other)];
  const squares = (values: readonly number[], mean: number) => values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const degrees = one.length + other.length - 2;
  const pooled = (squares(one, a) + squares(other, b)) / degrees;
  const error = Math.sqrt(pooled * (1 / one.length + 1 / other.length));
  const p = one.length < FEWEST || other.length < FEWEST ? 1 : a === b ? 1 : studentTwoSided((a - b) / error, degrees);
  return { before: a, after: b, p };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
