/** Did a regression of one series begin at an instant, and what does it come to? */
import { findChangePoints, MOST_POSITIONS } from '#analysis/change-points.ts';
import { type BuildVerdict, failingStreaks, type Streak, sumWindow } from '#analysis/failing-streak.ts';
import { judgeStreak, type StreakFacts } from '#analysis/judge-streak.ts';
import type { BuildRow } from './build.ts';
import { type CaseName, FAIL } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import type { BaselinePolicy, RegressionRow } from './regression-row.ts';
import { verdictsOfBuilds } from './series-builds.ts';
import type { SeriesRun } from './series-runs.ts';

export type JudgedSeries = Omit<
  RegressionRow,
  keyof CaseName | 'at' | 'caseId' | 'project' | 'branch' | 'suite' | 'deviceType' | 'overBranches' | 'q'
> &
  Pick<StreakFacts, 'samples'> & {
    /** Of a flaky test the worst of many stretches: its p is no evidence. */
    isPicked: boolean;
    /** Builds of the stretch. */
    badIds: ReadonlySet<number>;
  };

/** Null when none began at the instant: the test was failing already, had never passed, or passed in another lab's stead. */
export function judgeSeries(
  runs: readonly SeriesRun[],
  builds: ReadonlyMap<number, BuildRow>,
  environments: ReadonlyMap<number, EnvironmentRow>,
  at: number,
  policy: BaselinePolicy,
  tells: (run: SeriesRun) => boolean,
): JudgedSeries | null {
  const verdicts = verdictsOfBuilds(runs.filter(tells), builds, environments);
  const streak = failingStreaks(verdicts).find(({ firstBad, fixedIn }) => {
    const ids = new Set(verdicts.slice(firstBad, fixedIn ?? undefined).map(({ buildId }) => buildId));
    return beganAt(runs, (run) => tells(run) && ids.has(run.buildId)) === at;
  });
  if (!streak) return null;
  const end = streak.fixedIn ?? verdicts.length;
  const bad = verdicts.slice(streak.firstBad, end);
  const [sample, base] = [sumWindow(bad, 0, bad.length), sumWindow(verdicts, 0, streak.firstBad)];
  const idAt = (place: number) => verdicts[place]?.buildId ?? 0;
  // A fix takes nothing away: both ends of a short stretch need twice the evidence that its beginning needed.
  const suspects = suspectsOf(verdicts, streak) ?? suspectsOf(verdicts.slice(0, end), streak);
  const facts = judgeStreak(base, bad, policy);
  const badIds = new Set(bad.map(({ buildId }) => buildId));
  const isPicked = base.fails > 0 && suspects === null;
  // A build that only others ran says nothing of the labs that fail.
  const failing = new Set(bad.flatMap((one) => one.failing));
  const lastGood = verdicts
    .slice(0, streak.firstBad)
    .findLastIndex((one) => one.passing.some((lab) => failing.has(lab)));
  return {
    ...facts,
    status: isPicked ? 'NOT_SIGNIFICANT' : facts.status,
    isPicked,
    isHeld: facts.isHeld && !isPicked,
    flakeChance: null,
    sample,
    base,
    badIds,
    failingJobId: firstFailure(runs, (run) => tells(run) && badIds.has(run.buildId))?.jobId ?? 0,
    lastGoodId: idAt(lastGood < 0 ? streak.lastGood : lastGood),
    firstBadId: idAt(streak.firstBad),
    fixedInId: streak.fixedIn === null ? null : idAt(streak.fixedIn),
    failingBuilds: bad.filter((one) => one.failing.length > 0).length,
    failingSourceIds: [...failing].sort((a, b) => a - b),
    suspectIds: (suspects ?? [streak.firstBad]).map(idAt),
  };
}

function firstFailure(runs: readonly SeriesRun[], isOf: (run: SeriesRun) => boolean): SeriesRun | undefined {
  return runs.find((run) => run.verdict === FAIL && isOf(run));
}

/** When the stream of the first failing run of the builds turned to FAIL: it may have done so in a build that was repaired. */
function beganAt(runs: readonly SeriesRun[], isOf: (run: SeriesRun) => boolean): number | null {
  const first = firstFailure(runs, isOf);
  if (!first) return null;
  const { envId } = first;
  let began: number | null = null;
  for (const run of runs.slice(0, runs.indexOf(first) + 1).reverse()) {
    if (run.envId !== envId) continue;
    if (run.verdict !== FAIL) break;
    began = run.at;
  }
  return began;
}

/** Places from the first to the last that may be the change, by the change point at the streak; null without one. */
function suspectsOf(verdicts: readonly BuildVerdict[], { firstBad }: Streak): number[] | null {
  const skipped = Math.max(0, verdicts.length - MOST_POSITIONS);
  const positions = verdicts.slice(skipped).map(({ passes, fails }) => ({
    runs: passes + fails,
    failed: fails,
    retried: 0,
    failedAfterRetry: 0,
  }));
  const point = findChangePoints(positions).find(
    ({ from, until }) => from + skipped <= firstBad && firstBad <= until + skipped,
  );
  if (!point) return null;
  return Array.from({ length: point.until - point.from + 1 }, (_, i) => point.from + skipped + i);
}
