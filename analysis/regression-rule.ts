/** Is a test worse in one window of runs than in another? The rule of Sippy's component readiness. */
import { fisherRightTail } from './fisher.ts';
import { wilson } from './wilson.ts';

/** Counts of runs. A run that passed on retry counts as a pass. */
export type Window = { passes: number; fails: number };

export type RegressionOptions = {
  /** Fewer failures in the sample are none. */
  minFails: number;
  /** So many percentage points less than in the base are none. */
  pity: number;
  /** Percent: significant where p is below what it leaves of 100. */
  confidence: number;
  /** A drop of more percentage points is extreme. */
  extreme: number;
  /** Without a base: the pass rate (percent) the sample is to have, and the runs it must have to be judged. */
  requiredRate: number;
  minRuns: number;
};

export const REGRESSION_OPTIONS: RegressionOptions = {
  minFails: 3,
  pity: 5,
  confidence: 95,
  extreme: 15,
  requiredRate: 90,
  minRuns: 6,
};

export type RegressionStatus =
  | 'MISSING_SAMPLE'
  | 'MISSING_BASE'
  | 'NOT_SIGNIFICANT'
  | 'SIGNIFICANT_REGRESSION'
  | 'EXTREME_REGRESSION'
  | 'SIGNIFICANT_IMPROVEMENT';

export type RegressionFacts = {
  status: RegressionStatus;
  /** Right tail of Fisher's exact test, of the improvement where it is one; null where a window is empty. */
  p: number | null;
  /** Pass rates 0 to 1, each with Wilson's 95 % interval; null where the window is empty. */
  sampleRate: number | null;
  baseRate: number | null;
  sampleInterval: [number, number] | null;
  baseInterval: [number, number] | null;
  /** Percentage points of pass rate lost since the base; below 0 where it got better. */
  effect: number | null;
};

export function judgeRegression(sample: Window, base: Window, given: Partial<RegressionOptions> = {}): RegressionFacts {
  const options = { ...REGRESSION_OPTIONS, ...given };
  const [sampleRate, baseRate] = [rateOf(sample), rateOf(base)];
  const effect = sampleRate === null || baseRate === null ? null : 100 * (baseRate - sampleRate);
  const isWorse = effect !== null && effect > 0;
  const p = effect === null ? null : isWorse || effect === 0 ? tail(sample, base) : tail(base, sample);
  return {
    status: statusOf(sample, base, sampleRate, effect, p, options),
    p,
    sampleRate,
    baseRate,
    sampleInterval: wilson(sample.passes, sample.passes + sample.fails),
    baseInterval: wilson(base.passes, base.passes + base.fails),
    effect,
  };
}

function statusOf(
  sample: Window,
  base: Window,
  sampleRate: number | null,
  effect: number | null,
  p: number | null,
  { minFails, pity, confidence, extreme, requiredRate, minRuns }: RegressionOptions,
): RegressionStatus {
  if (sampleRate === null) return 'MISSING_SAMPLE';
  if (effect === null || p === null) {
    if (sample.passes + sample.fails < minRuns) return 'MISSING_BASE';
    if (100 * sampleRate >= requiredRate) return 'NOT_SIGNIFICANT';
    return 100 * sampleRate < requiredRate - (100 - requiredRate) ? 'EXTREME_REGRESSION' : 'SIGNIFICANT_REGRESSION';
  }
  const alpha = (100 - confidence) / 100;
  // Rates are of counts: a rate that is five points less by the counts is not five and 1e-14 less.
  const isBeyond = (points: number) => Math.abs(effect) > points + 1e-9;
  if (p >= alpha || !isBeyond(pity)) return 'NOT_SIGNIFICANT';
  if (effect < 0) return base.fails < minFails ? 'NOT_SIGNIFICANT' : 'SIGNIFICANT_IMPROVEMENT';
  if (sample.fails < minFails) return 'NOT_SIGNIFICANT';
  return isBeyond(extreme) ? 'EXTREME_REGRESSION' : 'SIGNIFICANT_REGRESSION';
}

function rateOf({ passes, fails }: Window): number | null {
  return passes + fails === 0 ? null : passes / (passes + fails);
}

/** How likely the first window fails as often as it does or more, if both are alike. */
function tail(one: Window, other: Window): number {
  return fisherRightTail(one.fails, one.passes, other.fails, other.passes);
}
