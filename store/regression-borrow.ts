/**
 * A young series, whose own runs are too few to tell, held together with the other branches on its device type: the same
 * change comes to several of them, and what passes in all is a base for each.
 */
import { judgeRegression, type RegressionFacts, type Window } from '#analysis/regression-rule.ts';
import { failuresInARow } from './chance-run.ts';
import { FAIL } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import type { BaselinePolicy } from './regression-row.ts';
import type { JudgedSeries } from './regression-series.ts';
import type { SeriesRun } from './series-runs.ts';

/** With as many runs before the stretch a series speaks for itself. */
const YOUNG = 30;
/** Its own runs, its own against the base of all branches, and those of all branches: any could have been picked. */
const LOOKS = 3;
/** Percent: every failure that nothing followed is looked at, so that more is asked than of a series of its own. */
const CONFIDENCE = 99;

/** Runs of all branches on the device type, by which a series is judged that has too few. */
export type OverBranches = { sample: Window; base: Window };
export type Borrowed = Pick<RegressionFacts, 'status' | 'p'> & {
  overBranches: OverBranches;
  /** So many could have been picked. */
  choices: number;
};

/** Where it failed nothing has passed since, and it may be that more runs would tell. */
export function isYoung({ status, isPicked, samples, base }: JudgedSeries): boolean {
  const isOpen = samples.some(({ window }) => window.fails > 0 && window.passes === 0);
  return status === 'NOT_SIGNIFICANT' && !isPicked && isOpen && base.passes > 0 && base.passes + base.fails < YOUNG;
}

/**
 * Over all labs, or of those alone that fail, as a series of its own. Null where the other branches do not make it a
 * regression either. `told`: runs that tell of the test, oldest first.
 */
export function borrow(
  { at, branchId, deviceTypeId, row }: { at: number; branchId: number; deviceTypeId: number; row: JudgedSeries },
  told: readonly SeriesRun[],
  environments: ReadonlyMap<number, EnvironmentRow>,
  policy: BaselinePolicy,
): Borrowed | null {
  const ofType = told.filter(({ envId }) => environments.get(envId)?.deviceTypeId === deviceTypeId);
  const failing = new Set(row.failingSourceIds);
  const ofFailing = ofType.filter(({ envId }) => failing.has(environments.get(envId)?.sourceId ?? 0));
  for (const [i, { window, choices }] of row.samples.entries()) {
    if (window.passes > 0) continue;
    const runs = i === 0 ? ofType : ofFailing;
    const before = (end: number) => windowOf(runs.filter((run) => run.at < end));
    const together = failuresInARow(runs).find((list) =>
      list.some((run) => run.at === at && run.branchId === branchId),
    );
    const looks: OverBranches[] = [{ sample: window, base: before(at) }];
    if (together?.[0]) looks.push({ sample: windowOf(together), base: before(together[0].at) });
    const times = LOOKS * choices;
    const confidence = 100 - (100 - CONFIDENCE) / times;
    for (const overBranches of looks) {
      const { status, p } = judgeRegression(overBranches.sample, overBranches.base, { ...policy, confidence });
      const isWorse = status === 'SIGNIFICANT_REGRESSION' || status === 'EXTREME_REGRESSION';
      if (isWorse && p !== null) return { status, p: p * times, overBranches, choices: times };
    }
  }
  return null;
}

function windowOf(runs: readonly SeriesRun[]): Window {
  const fails = runs.filter(({ verdict }) => verdict === FAIL).length;
  return { passes: runs.length - fails, fails };
}
