/** Stretches of builds in which a test fails, between one that passes and the next that does. */
import type { Window } from './regression-rule.ts';

/** A build in which the test passed or failed at least once, in order of the builds. */
export type BuildVerdict = Window & {
  /** Whether it counts as failing: a failure that was repaired by a later run is none. */
  isFailing: boolean;
};

/** Places among the builds. */
export type Streak = {
  lastGood: number;
  firstBad: number;
  /** The first build that passes again; null as long as none does. */
  fixedIn: number | null;
};

/** Those that have a passing build before them, oldest first. */
export function failingStreaks(builds: readonly BuildVerdict[]): Streak[] {
  const streaks: Streak[] = [];
  for (const [i, { isFailing }] of builds.entries()) {
    if (!isFailing || builds[i - 1]?.isFailing !== false) continue;
    const after = builds.findIndex((build, k) => k > i && !build.isFailing);
    streaks.push({ lastGood: i - 1, firstBad: i, fixedIn: after < 0 ? null : after });
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
