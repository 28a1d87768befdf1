/** Is a stretch of failing builds worse than what was before it? With the memory that an open regression has. */
import type { BuildVerdict } from './failing-streak.ts';
import { judgeRegression, type RegressionFacts, type Window } from './regression-rule.ts';

/** `byLab`: its runs, by lab. */
export type StreakBuild = BuildVerdict & { byLab: ReadonlyMap<number, Window> };

export type StreakPolicy = { minFails: number; pity: number; confidence: number };

/** Percent of confidence that an open regression may lose before it is none. */
const HELD = 5;

export type StreakFacts = RegressionFacts & {
  /** Not significant as it is, but was at an earlier build, and has stayed above the lower bar since. */
  isHeld: boolean;
  /** The runs that may have made it significant, of all labs and of those alone that fail: so many could have been picked. */
  samples: { window: Window; choices: number }[];
};

/** Builds of the stretch so far. */
type Look = { sample: Window; byLab: Map<number, Window>; failing: Set<number>; isAgreed: boolean };

/**
 * Looked at once for each build of the stretch, in order, as if the later ones were not there yet: what was significant at
 * one look stays so with five percent less confidence. The builds are those of the stretch, oldest first.
 */
export function judgeStreak(base: Window, builds: readonly StreakBuild[], policy: StreakPolicy): StreakFacts {
  let last = emptyLook();
  for (const look of looks(builds)) last = look;
  const fresh = judgeLook(last, base, policy, false);
  if (isRegression(fresh)) return { ...fresh, isHeld: false };
  const held = judgeLook(last, base, policy, true);
  // Only what lies between both bars depends on what was before.
  if (!isRegression(held) || !wasOpenBefore(base, builds, policy)) return { ...fresh, isHeld: false };
  return { ...held, isHeld: true };
}

function wasOpenBefore(base: Window, builds: readonly StreakBuild[], policy: StreakPolicy): boolean {
  let wasOpen = false;
  for (const look of looks(builds.slice(0, -1))) wasOpen = isRegression(judgeLook(look, base, policy, wasOpen));
  return wasOpen;
}

function isRegression({ status }: RegressionFacts): boolean {
  return status === 'SIGNIFICANT_REGRESSION' || status === 'EXTREME_REGRESSION';
}

function emptyLook(): Look {
  return { sample: { passes: 0, fails: 0 }, byLab: new Map(), failing: new Set(), isAgreed: false };
}

/** The same object each time, with one build more. */
function* looks(builds: readonly StreakBuild[]): Generator<Look> {
  const look = emptyLook();
  for (const { passes, fails, failing, byLab } of builds) {
    look.sample = add(look.sample, { passes, fails });
    for (const [lab, window] of byLab) look.byLab.set(lab, add(look.byLab.get(lab), window));
    for (const lab of failing) look.failing.add(lab);
    look.isAgreed ||= failing.length > 1 && passes === 0;
    yield look;
  }
}

function add(one: Window = { passes: 0, fails: 0 }, { passes, fails }: Window): Window {
  return { passes: one.passes + passes, fails: one.fails + fails };
}

/** Over all labs, or of those alone that fail: what p may be is then shared out among the labs, as any could have been picked. */
function judgeLook(
  { sample, byLab, failing, isAgreed }: Look,
  base: Window,
  given: StreakPolicy,
  wasOpen: boolean,
): Omit<StreakFacts, 'isHeld'> {
  // Labs that agree on a build of which no run passes are worth one failure more.
  const minFails = Math.max(1, given.minFails - (isAgreed ? 1 : 0));
  const policy = { ...given, minFails, confidence: given.confidence - (wasOpen ? HELD : 0) };
  const pooled = judgeRegression(sample, base, policy);
  const samples = [{ window: sample, choices: 1 }];
  const bad = [...byLab].filter(([lab]) => failing.has(lab));
  if (bad.length === byLab.size) return { ...pooled, samples };
  const window = bad.reduce((sum, [, ofLab]) => add(sum, ofLab), add(undefined, { passes: 0, fails: 0 }));
  samples.push({ window, choices: byLab.size });
  if (pooled.status !== 'NOT_SIGNIFICANT') return { ...pooled, samples };
  const confidence = 100 - (100 - policy.confidence) / byLab.size;
  const alone = judgeRegression(window, base, { ...policy, confidence });
  if (alone.status === 'NOT_SIGNIFICANT' || alone.p === null) return { ...pooled, samples };
  return { ...pooled, status: alone.status, p: alone.p * byLab.size, samples };
}
