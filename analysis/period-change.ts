/** Does a test fail more often, or less, in one of several periods than in the first? */
import { fisherRightTail } from './fisher.ts';
import type { Window } from './regression-rule.ts';

export type PeriodChange = {
  /** Two-sided, by Fisher's exact test of the period that differs most, times the number of periods it was chosen from. */
  p: number;
  direction: 'WORSE' | 'BETTER';
};

/** Null where the first period, or every other, has no run. */
export function periodChange([base, ...others]: readonly Window[]): PeriodChange | null {
  if (!base || runsOf(base) === 0) return null;
  const ran = others.filter((window) => runsOf(window) > 0);
  const changes = ran.map((window): PeriodChange => {
    const worse = fisherRightTail(window.fails, window.passes, base.fails, base.passes);
    const better = fisherRightTail(base.fails, base.passes, window.fails, window.passes);
    return { p: 2 * Math.min(worse, better), direction: worse <= better ? 'WORSE' : 'BETTER' };
  });
  const least = changes.reduce<PeriodChange | null>((a, b) => (a && a.p <= b.p ? a : b), null);
  return least && { ...least, p: Math.min(1, least.p * ran.length) };
}

function runsOf({ passes, fails }: Window): number {
  return passes + fails;
}
