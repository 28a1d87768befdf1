/** How often tests that regressed fail by chance: on other device types and branches, and before and after on this one. */

import { type ChanceRuns, flakeChance } from '#analysis/flake-bar.ts';
import { markChance, realFailures, tellsOfTest } from './chance-run.ts';
import { FAIL } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { type Borrowed, borrow, isYoung } from './regression-borrow.ts';
import type { BaselinePolicy } from './regression-row.ts';
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
  policy: BaselinePolicy;
  tells: (run: SeriesRun) => boolean;
};

/** `borrowed`: what the other branches make of a young series; null where it is none, or they make nothing of it. */
export type Elsewhere = { chance: number | null; borrowed: Borrowed | null };
export type FlakeAnswer = { of: (one: Begun, caseId: number) => Elsewhere; isCut: boolean };
const NOTHING: Elsewhere = { chance: null, borrowed: null };

export async function readFlakeChances(
  store: Store,
  { suiteId, begun, environments, span, from, policy, tells }: FlakeQuestion,
  limits: SeriesLimits,
): Promise<FlakeAnswer> {
  const answers = new Map<Begun, Map<number, Elsewhere>>();
  const types = new Set(begun.filter(({ row }) => isYoung(row)).map(({ deviceTypeId }) => deviceTypeId));
  const ofTypes = [...environments.values()].filter(({ deviceTypeId }) => types.has(deviceTypeId));
  const canBorrow = await hasOtherBranches(store, suiteId, begun[0]?.branchId ?? 0, ofTypes);
  const byCase = Map.groupBy(
    begun
      .filter(({ row }) => canBorrow || !isYoung(row))
      .flatMap((one) => [...one.caseIds].map((caseId) => ({ caseId, one }))),
    ({ caseId }) => caseId,
  );
  if (byCase.size === 0) return { of: () => NOTHING, isCut: false };
  const streams = { suiteId, envIds: [...environments.keys()], branchId: null };
  const { visit, isCut } = await readSeriesRuns(store, streams, [...byCase.keys()], span, limits);
  await visit((alike, runsOf) => {
    const told = runsOf().filter((run) => tells(run) && tellsOfTest(run));
    const asked = alike.flatMap((caseId) => byCase.get(caseId) ?? []);
    for (const [one, cases] of Map.groupBy(asked, (each) => each.one)) {
      const since = told.filter(({ at }) => at >= from(one));
      const isElsewhere = ({ envId, branchId, buildId }: SeriesRun) =>
        branchId !== one.branchId ||
        environments.get(envId)?.deviceTypeId !== one.deviceTypeId ||
        !one.row.badIds.has(buildId);
      const known = answers.get(one) ?? new Map<number, Elsewhere>();
      const borrowed = isYoung(one.row) ? borrow(one, since, environments, policy) : null;
      const own = isYoung(one.row) ? [] : one.row.samples;
      const samples = borrowed ? [{ window: borrowed.overBranches.sample, choices: borrowed.choices }] : own;
      const chance = samples.length === 0 ? null : chanceOf(samples, countChance(since, isElsewhere, environments));
      for (const { caseId } of cases) known.set(caseId, { chance, borrowed });
      answers.set(one, known);
    }
  });
  return { of: (one, caseId) => answers.get(one)?.get(caseId) ?? NOTHING, isCut };
}

/** Whether anything ran the suite there for another branch. */
async function hasOtherBranches(
  { sql, engine }: Store,
  suiteId: number,
  branchId: number,
  environments: readonly EnvironmentRow[],
): Promise<boolean> {
  if (environments.length === 0) return false;
  const there = (which: string) =>
    `EXISTS (SELECT 1 FROM suite_history h WHERE h.env_id = e.id AND h.suite_id = ? AND h.branch_id ${which} ?)`;
  const found = await sql.get(
    `SELECT 1 AS one FROM env e WHERE e.id IN ${LISTED[engine]} AND (${there('<')} OR ${there('>')}) LIMIT 1`,
    ...[idList(environments.map(({ id }) => id)), suiteId, branchId, suiteId, branchId],
  );
  return found !== undefined;
}

function chanceOf(samples: JudgedSeries['samples'], elsewhere: ChanceRuns): number | null {
  const chances = samples.map(({ window, choices }) => flakeChance(window, elsewhere, choices) ?? Infinity);
  const least = Math.min(...chances);
  return least === Infinity ? null : least;
}

/** What broke, has not passed since, or failed wherever it ran, is no failure by chance. */
function countChance(
  told: readonly SeriesRun[],
  isElsewhere: (run: SeriesRun) => boolean,
  environments: ReadonlyMap<number, EnvironmentRow>,
): ChanceRuns {
  const sum = { passes: 0, fails: 0, turns: 0 };
  for (const stream of markChance(told.filter(isElsewhere), realFailures(told, environments))) {
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
