/** Finds those of some turns to failure at which a regression began, a suite and branch at a time. */
import type { Viewer } from '#schema/viewer.ts';
import { type BuildRow, getBuildsById } from './build.ts';
import type { CaseName } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import { selectIn } from './many-rows.ts';
import { namesOf } from './read-shape.ts';
import { isYoung } from './regression-borrow.ts';
import { type Begun, type Elsewhere, readFlakeChances } from './regression-flakes.ts';
import type { BaselinePolicy, RegressionFilter, RegressionRow } from './regression-row.ts';
import { type JudgedSeries, judgeSeries } from './regression-series.ts';
import { readSeriesRuns, type SeriesLimits, type SeriesRun } from './series-runs.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';
import type { TurnToFail } from './turn-to-fail.ts';

const DAY = 86_400;

/** The p of all that was judged, listed or not. */
export type Judgements = { p: number[]; truncated: boolean };

/** `place`: among all that was judged. */
export type FoundRow = Omit<RegressionRow, 'q'> & { place: number };

type NamelessRow = Omit<FoundRow, keyof CaseName | 'project' | 'branch' | 'suite'> & {
  suiteId: number;
  branchId: number;
};

export type JudgeOptions = {
  /** In scope; and those of other device types too, which say how often a test fails by chance. */
  environments: readonly EnvironmentRow[];
  everywhere: readonly EnvironmentRow[];
  filter: RegressionFilter;
  policy: BaselinePolicy;
  judged: Judgements;
  limits: SeriesLimits;
};

export function createJudge(
  store: Store,
  viewer: Viewer,
  { environments, everywhere, filter, policy, judged, limits }: JudgeOptions,
): (turns: readonly TurnToFail[]) => Promise<FoundRow[]> {
  const byId = new Map(environments.map((row) => [row.id, row]));
  const allById = new Map(everywhere.map((row) => [row.id, row]));
  const typeOf = (envId: number) => byId.get(envId)?.deviceTypeId ?? 0;
  const builds = new Map<number, BuildRow>();
  const readBuilds = async (ids: ReadonlySet<number>) => {
    const missing = [...ids].filter((id) => !builds.has(id));
    if (missing.length === 0) return;
    for (const [id, build] of await getBuildsById(store, viewer, missing)) builds.set(id, build);
  };
  const withChecks = filter.scope.includeHealthChecks === true;
  const tells = ({ isLost, isHealthCheck }: SeriesRun) => !isLost && (withChecks || !isHealthCheck);
  const base = policy.baseDays * DAY;
  const alpha = (100 - policy.confidence) / 100;

  const findBegun = async (turns: readonly TurnToFail[], { suiteId, branchId }: TurnToFail, first: number) => {
    const types = new Set(turns.map(({ envId }) => typeOf(envId)));
    const envIds = environments.filter(({ deviceTypeId }) => types.has(deviceTypeId)).map(({ id }) => id);
    const byCase = Map.groupBy(turns, ({ caseId }) => caseId);
    const span = { from: first - base, until: filter.until, pivot: first };
    const streams = { suiteId, branchId, envIds, kindOf: typeOf };
    const { visit, buildIds, isCut } = await readSeriesRuns(store, streams, [...byCase.keys()], span, limits);
    judged.truncated ||= isCut;
    await readBuilds(buildIds);
    const found: Begun[] = [];
    await visit((alike, runsOf) => {
      const began = Map.groupBy(
        alike.flatMap((caseId) => byCase.get(caseId) ?? []),
        ({ envId, at }) => `${typeOf(envId)}/${at}`,
      );
      for (const together of began.values()) {
        const [turn] = together;
        if (!turn) continue;
        const { at, envId } = turn;
        const within = runsOf(typeOf(envId)).filter((run) => run.at >= at - base);
        const row = judgeSeries(within, builds, byId, at, policy, tells);
        const caseIds = new Set(together.map(({ caseId }) => caseId));
        if (row) found.push({ at, deviceTypeId: typeOf(envId), branchId, caseIds, row });
      }
    });
    return found;
  };

  const judgeSuite = async (turns: readonly TurnToFail[], place: TurnToFail) => {
    const first = turns.reduce((least, { at }) => Math.min(least, at), Infinity);
    const begun = await findBegun(turns, place, first);
    const elsewhere = await readFlakeChances(
      store,
      {
        suiteId: place.suiteId,
        begun: begun.filter(({ row }) => isRegression(row) || isYoung(row)),
        policy,
        environments: allById,
        span: { from: first - base, until: filter.until, pivot: first },
        from: ({ at }) => at - base,
        tells,
      },
      limits,
    );
    judged.truncated ||= elsewhere.isCut;
    return begun.flatMap((one) =>
      [...one.caseIds].flatMap((caseId) => toRow(one, caseId, elsewhere.of(one, caseId), place)),
    );
  };

  const toRow = (
    { at, deviceTypeId, row }: Begun,
    caseId: number,
    { chance: flakeChance, borrowed }: Elsewhere,
    { suiteId, branchId }: TurnToFail,
  ): NamelessRow[] => {
    const { isPicked: isWorst, badIds: _, samples: __, ...own } = row;
    const { status: given, p, overBranches } = borrowed ?? { ...own, overBranches: null };
    const facts = { ...own, status: given, p, overBranches };
    const isFlake = flakeChance !== null && flakeChance >= alpha;
    const isPicked = isWorst || isFlake;
    const place = judged.p.push(isPicked || (facts.effect ?? 0) <= 0 ? 1 : (facts.p ?? 1)) - 1;
    const status = isFlake ? 'NOT_SIGNIFICANT' : facts.status;
    const isAsked =
      filter.statuses.includes(status) && (filter.open == null || filter.open === (facts.fixedInId === null));
    if (!isAsked) return [];
    const deviceType = environments.find((env) => env.deviceTypeId === deviceTypeId)?.deviceType ?? '';
    return [
      {
        ...facts,
        status,
        flakeChance,
        isHeld: facts.isHeld && !isFlake,
        place,
        at,
        deviceType,
        suiteId,
        branchId,
        caseId,
      },
    ];
  };

  return async (turns) => {
    const rows: NamelessRow[] = [];
    for (const ofSuite of Map.groupBy(turns, ({ suiteId, branchId }) => `${suiteId}/${branchId}`).values()) {
      const [first] = ofSuite;
      if (first) rows.push(...(await judgeSuite(ofSuite, first)));
    }
    return nameAll(store, rows);
  };
}

function isRegression({ status }: JudgedSeries): boolean {
  return status === 'SIGNIFICANT_REGRESSION' || status === 'EXTREME_REGRESSION';
}

async function nameAll(store: Store, rows: readonly NamelessRow[]): Promise<FoundRow[]> {
  const distinct = (ids: readonly number[]) => [...new Set(ids)];
  const cases = await namesOf(store, distinct(rows.map(({ caseId }) => caseId)));
  const suites = await selectIn<{ id: number; name: string }>(
    store.sql,
    'SELECT id, name FROM suite WHERE id',
    [],
    distinct(rows.map(({ suiteId }) => suiteId)),
  );
  const branches = await selectIn<{ id: number; name: string; project: string }>(
    store.sql,
    'SELECT b.id, b.name, p.slug AS project FROM branch b JOIN project p ON p.id = b.project_id WHERE b.id',
    [],
    distinct(rows.map(({ branchId }) => branchId)),
  );
  const suiteNames = new Map(suites.map(({ id, name }) => [id, fromStored(name)]));
  const places = new Map(branches.map((row) => [row.id, row]));
  return rows.flatMap(({ suiteId, branchId, ...row }) => {
    const [name, suite, place] = [cases.get(row.caseId), suiteNames.get(suiteId), places.get(branchId)];
    if (!name || suite === undefined || !place) return [];
    return [{ ...row, ...name, suite, project: fromStored(place.project), branch: fromStored(place.name) }];
  });
}
