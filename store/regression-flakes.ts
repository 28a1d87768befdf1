/** How often tests that regressed fail by chance: on other device types and branches, and before and after on this one. */

import { type ChanceRuns, flakeChance } from '#analysis/flake-bar.ts';
import { markChance, realFailures, tellsOfTest } from './chance-run.ts';
import { FAIL } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import type { JudgedSeries } from './regression-series.ts';
import { readSeriesRuns, type SeriesLimits, type SeriesRun } from './series-runs.ts';
import type { Store } from './store.ts';
import type { Span } from './turn-to-fail.ts';

/** A series that some tests have in common, up to what they do elsewhere. */
export type Begun = {
  at: number;
  deviceTypeId: number;
  branchId: number;
  caseIds: ReadonlySet<number>;
  row: JudgedSeries;
};

/** Of one suite. `from`: seconds, of each the first instant whose runs count. */
export type FlakeQuestion = {
  suiteId: number;
  begun: readonly Begun[];
  environments: ReadonlyMap<number, EnvironmentRow>;
  span: Span & { pivot: number };
  from: (one: Begun) => number;
  tells: (run: SeriesRun) => boolean;
};

export type FlakeAnswer = { chanceOf: (one: Begun, caseId: number) => number | null; isCut: boolean };

export async function readFlakeChances(
  store: Store,
  { suiteId, begun, environments, span, from, tells }: FlakeQuestion,
  limits: SeriesLimits,
): Promise<FlakeAnswer> {
  const chances = new Map<Begun, Map<number, number | null>>();
  const byCase = Map.groupBy(
    begun.flatMap((one) => [...one.caseIds].map((caseId) => ({ caseId, one }))),
    ({ caseId }) => caseId,
  );
  if (byCase.size === 0) return { chanceOf: () => null, isCut: false };
  const streams = { suiteId, envIds: [...environments.keys()], branchId: null };
  const { visit, isCut } = await readSeriesRuns(store, streams, [...byCase.keys()], span, limits);
  await visit((alike, runsOf) => {
    const told = runsOf().filter((run) => tells(run) && tellsOfTest(run));
    const asked = alike.flatMap((caseId) => byCase.get(caseId) ?? []);
    for (const [one, cases] of Map.groupBy(asked, (each) => each.one)) {
      const isElsewhere = ({ at, envId, branchId, buildId }: SeriesRun) =>
        at >= from(one) &&
        !(
          branchId === one.branchId &&
          environments.get(envId)?.deviceTypeId === one.deviceTypeId &&
          one.row.badIds.has(buildId)
        );
      const chance = chanceOf(one.row, countChance(told.filter(isElsewhere), environments));
      const known = chances.get(one) ?? new Map<number, number | null>();
      for (const { caseId } of cases) known.set(caseId, chance);
      chances.set(one, known);
    }
  });
  return { chanceOf: (one, caseId) => chances.get(one)?.get(caseId) ?? null, isCut };
}

function chanceOf({ samples }: JudgedSeries, elsewhere: ChanceRuns): number | null {
  const chances = samples.map(({ window, choices }) => flakeChance(window, elsewhere, choices) ?? Infinity);
  const least = Math.min(...chances);
  return least === Infinity ? null : least;
}

/** What broke, has not passed since, or failed wherever it ran, is no failure by chance. */
function countChance(runs: readonly SeriesRun[], environments: ReadonlyMap<number, EnvironmentRow>): ChanceRuns {
  const sum = { passes: 0, fails: 0, turns: 0 };
  for (const stream of markChance(runs, realFailures(runs, environments))) {
    const end = stream.findLastIndex(({ run }) => run.verdict !== FAIL) + 1;
    for (const { run, mark } of stream.slice(0, end)) {
      if (mark === null) continue;
      if (mark) sum.turns += 1;
      if (run.verdict === FAIL) sum.fails += 1;
      else sum.passes += 1;
    }
  }
  return sum;
}
