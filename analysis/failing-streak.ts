/** Stretches of builds in which a test fails, between one that passes and the next that does. */
import type { Window } from './regression-rule.ts';

/** A build in which the test passed or failed at least once, in order of the builds. */
export type BuildVerdict = Window & {
  /** Labs by what their newest run says: a failure that a later run repaired is none. */
  failing: readonly number[];
  passing: readonly number[];
};

/** Places among the builds. */
export type Streak = {
  lastGood: number;
  firstBad: number;
  /** The first build that passes again; null as long as none does. */
  fixedIn: number | null;
};

/**
 * Those that have a passing build before them, oldest first. One lasts until each lab that failed has passed: a build that
 * only others ran fixes nothing.
 */
export function failingStreaks(builds: readonly BuildVerdict[]): Streak[] {
  const streaks: Streak[] = [];
  const failing = new Set<number>();
  let open: Streak | null = null;
  for (const [i, build] of builds.entries()) {
    const wasFailing = failing.size > 0;
    for (const lab of build.passing) failing.delete(lab);
    for (const lab of build.failing) failing.add(lab);
    if (!wasFailing && failing.size > 0 && i > 0) {
      open = { lastGood: i - 1, firstBad: i, fixedIn: null };
      streaks.push(open);
    } else if (wasFailing && failing.size === 0) {
      if (open) open.fixedIn = i;
      open = null;
    }
  }
  return streaks;
}

/** Runs of the builds from one place to before another. */
export function sumWindow(builds: readonly Window[], from: number, until: number): Window {
  const sum = { passes: 0, fails: 0 };
  for (const { passes, fails } of builds.slice(from, until)) {
    sum.passes += passes;
    sum.fails += fails;
  }
  return sum;
}
