/**
 * Tests that began to fail: series (test, device type and branch, over labs) of which builds fail after one that passes.
 * Found through the changes of histories from the newest back until the page is full; nothing is kept for it.
 */
import { benjaminiHochberg } from '#analysis/benjamini-hochberg.ts';
import { findChangePoints, MOST_POSITIONS } from '#analysis/change-points.ts';
import { type BuildVerdict, failingStreaks, type Streak, sumWindow } from '#analysis/failing-streak.ts';
import {
  judgeRegression,
  type RegressionFacts,
  type RegressionStatus,
  type Window,
} from '#analysis/regression-rule.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type BuildRow, getBuildsById } from './build.ts';
import { FAIL } from './build-run.ts';
import { type CaseName, PASS } from './codec.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import { selectIn } from './many-rows.ts';
import { compareKeys, isOnPage, type Key, type Page, type PageRequest, toPage } from './page.ts';
import { namesOf } from './read-shape.ts';
import { verdictsOfBuilds } from './series-builds.ts';
import { readSeriesRuns, SERIES_LIMITS, type SeriesLimits, type SeriesRun } from './series-runs.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { type BranchFilter, listTurnsToFail, type Span, spanOfHistory, type TurnToFail } from './turn-to-fail.ts';

export type BaselinePolicy = {
  /** Days before the first failure whose runs are the base. */
  baseDays: number;
  minFails: number;
  /** Percentage points. */
  pity: number;
  /** Percent. */
  confidence: number;
};

export const BASELINE: BaselinePolicy = { baseDays: 30, minFails: 3, pity: 5, confidence: 95 };

export type RegressionFilter = BranchFilter & {
  scope: Pick<Scope, 'sources' | 'deviceTypes' | 'includeHealthChecks'>;
  /** Seconds: began to fail within. */
  span: Span;
  /** Runs submitted from here on (seconds) are not looked at. */
  until: number;
  /** Still failing (true), fixed (false), or both. */
  open?: boolean | null;
  statuses: readonly RegressionStatus[];
  /** This test alone. */
  test?: (CaseName & { suite: string }) | null;
};

export type RegressionRow = CaseName &
  RegressionFacts & {
    /** Seconds: submission of the run at which it began. */
    at: number;
    project: string;
    branch: string;
    suite: string;
    deviceType: string;
    lastGoodId: number;
    firstBadId: number;
    fixedInId: number | null;
    failingBuilds: number;
    /** Labs of which the newest run of one of these builds fails. */
    failingSourceIds: number[];
    sample: Window;
    base: Window;
    /** Builds of which the change is one with 99 % probability, oldest first. */
    suspectIds: number[];
    /** Benjamini and Hochberg's, over all that was judged for the page. */
    q: number;
  };

/** The newest first, then by name. */
export function regressionKey(row: Omit<RegressionRow, 'q' | keyof RegressionFacts>): Key {
  const { at, project, branch, suite, name, set, deviceType } = row;
  return [-at, project, branch, suite, name, set === null ? 0 : 1, set ?? '', deviceType];
}

/** `stoppedAt`: so much was looked at that the page ends short of rows; the next goes on there. */
export type RegressionPage = Page<RegressionRow> & {
  stoppedAt: Key | null;
  /** Of a suite there are more runs than are read. */
  truncated: boolean;
};

const DAY = 86_400;
/** Seconds of the first stretch that is looked through; the next is as many times longer where few tests turned, or shorter. */
const FIRST_STRETCH = 3_600;
const GROWTH = 2;
const FEW_TURNS = 1_000;
/** After so many turns a page ends, short of rows where most tests that turned are flaky. */
const LIMITS = { turns: 20_000, series: SERIES_LIMITS };

export async function listRegressions(
  store: Store,
  viewer: Viewer,
  filter: RegressionFilter,
  policy: BaselinePolicy,
  page: PageRequest,
  limits = LIMITS,
): Promise<RegressionPage> {
  const environments = await listEnvironments(store, viewer, filter.scope);
  const envIds = environments.map(({ id }) => id);
  const caseId = filter.test ? await getCaseId(store, filter.test) : null;
  if (filter.test && caseId === null) return { ...toPage([], page), stoppedAt: null, truncated: false };
  const judged: Judgements = { p: [], truncated: false };
  const judge = createJudge(store, viewer, environments, filter, policy, judged, limits.series);
  const found: FoundRow[] = [];
  const { from, until } = await spanOfHistory(store, envIds, spanOfPage(filter.span, page));
  let stoppedAt: Key | null = null;
  let [looked, length] = [0, FIRST_STRETCH];
  for (let at = page.backward ? from : until; page.backward ? at < until : at > from; ) {
    const stretch = page.backward
      ? { from: at, until: Math.min(until, at + length) }
      : { from: Math.max(from, at - length), until: at };
    const { turns, reached } = await listTurnsToFail(store, envIds, { ...filter, caseId }, stretch, page.backward);
    const rows = await judge(turns);
    found.push(...rows.filter((row) => isOnPage(regressionKey(row), page)));
    at = page.backward ? reached.until : reached.from;
    looked += turns.length;
    length =
      turns.length < FEW_TURNS ? length * GROWTH : Math.max(1, Math.ceil((reached.until - reached.from) / GROWTH));
    if (found.length > page.limit) break;
    if (looked <= limits.turns || at === (page.backward ? until : from)) continue;
    // Behind all of a later second, before all of an earlier one.
    stoppedAt = [1 - at, '', '', '', '', 0, '', ''];
    break;
  }
  found.sort((a, b) => compareKeys(regressionKey(a), regressionKey(b)) * (page.backward ? -1 : 1));
  const q = benjaminiHochberg(judged.p);
  const rows = found.slice(0, page.limit + 1).map(({ place, ...row }) => ({ ...row, q: q[place] ?? 1 }));
  const edges = toPage(rows, page);
  if (stoppedAt) edges[page.backward ? 'hasPrevious' : 'hasNext'] = true;
  return { ...edges, stoppedAt, truncated: judged.truncated };
}

/** What of the span a page may be about. */
function spanOfPage({ from, until }: Span, { after, before }: PageRequest): Span {
  return {
    from: before ? Math.max(from, -Number(before[0])) : from,
    until: after ? Math.min(until, 1 - Number(after[0])) : until,
  };
}

/** The p of all that was judged, listed or not. */
type Judgements = { p: number[]; truncated: boolean };

/** `place`: among all that was judged. */
type FoundRow = Omit<RegressionRow, 'q'> & { place: number };

async function getCaseId({ sql }: Store, { suite, set, name }: CaseName & { suite: string }): Promise<number | null> {
  const row = await sql.get<{ id: number }>(
    `SELECT c.id FROM suite s JOIN test_case c ON c.suite_id = s.id
     WHERE s.name = ? AND c.name = ? AND COALESCE(c.set_name, '') = ? AND (c.set_name IS NULL) = (? = 1)`,
    ...[toStored(suite), toStored(name), toStored(set ?? ''), set === null ? 1 : 0],
  );
  return row?.id ?? null;
}

/** Finds those of some turns at which a regression began. */
function createJudge(
  store: Store,
  viewer: Viewer,
  environments: readonly EnvironmentRow[],
  filter: RegressionFilter,
  policy: BaselinePolicy,
  judged: Judgements,
  limits: SeriesLimits,
): (turns: readonly TurnToFail[]) => Promise<FoundRow[]> {
  const byId = new Map(environments.map((row) => [row.id, row]));
  const typeOf = (envId: number) => byId.get(envId)?.deviceTypeId ?? 0;
  const builds = new Map<number, BuildRow>();
  const readBuilds = async (ids: ReadonlySet<number>) => {
    const missing = [...ids].filter((id) => !builds.has(id));
    if (missing.length === 0) return;
    for (const [id, build] of await getBuildsById(store, viewer, missing)) builds.set(id, build);
  };
  const withChecks = filter.scope.includeHealthChecks === true;
  const tells = ({ isLost, isHealthCheck }: SeriesRun) => !isLost && (withChecks || !isHealthCheck);
  const judgeSuite = async (turns: readonly TurnToFail[], { suiteId, branchId }: TurnToFail) => {
    const types = new Set(turns.map(({ envId }) => typeOf(envId)));
    const envIds = environments.filter(({ deviceTypeId }) => types.has(deviceTypeId)).map(({ id }) => id);
    const base = policy.baseDays * DAY;
    const first = turns.reduce((least, { at }) => Math.min(least, at), Infinity);
    const span = { from: first - base, until: filter.until, pivot: first };
    const byCase = Map.groupBy(turns, ({ caseId }) => caseId);
    const streams = { suiteId, branchId, envIds };
    const { visit, buildIds, isCut } = await readSeriesRuns(store, streams, [...byCase.keys()], span, limits);
    judged.truncated ||= isCut;
    await readBuilds(buildIds);
    const rows: NamelessRow[] = [];
    await visit((alike, runs) => {
      const byType = Map.groupBy(runs, ({ envId }) => typeOf(envId));
      const began = Map.groupBy(
        alike.flatMap((caseId) => byCase.get(caseId) ?? []),
        ({ envId, at }) => `${typeOf(envId)}/${at}`,
      );
      for (const together of began.values()) {
        const [turn] = together;
        if (!turn) continue;
        const { at, envId } = turn;
        const within = (byType.get(typeOf(envId)) ?? []).filter((run) => run.at >= at - base);
        const row = judgeSeries(within, builds, byId, at, policy, tells);
        if (!row) continue;
        const isAsked =
          filter.statuses.includes(row.status) && (filter.open == null || filter.open === (row.fixedInId === null));
        const deviceType = byId.get(envId)?.deviceType ?? '';
        for (const caseId of new Set(together.map((one) => one.caseId))) {
          const place = judged.p.push(row.isPicked || (row.effect ?? 0) <= 0 ? 1 : (row.p ?? 1)) - 1;
          if (isAsked) rows.push({ ...row, place, at, deviceType, suiteId, branchId, caseId });
        }
      }
    });
    return rows;
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

type Judged = Omit<RegressionRow, keyof CaseName | 'at' | 'project' | 'branch' | 'suite' | 'deviceType' | 'q'> & {
  /** Of a flaky test the worst of many stretches: its p is no evidence. */
  isPicked: boolean;
};
type NamelessRow = Omit<FoundRow, keyof CaseName | 'project' | 'branch' | 'suite'> & {
  suiteId: number;
  branchId: number;
  caseId: number;
  isPicked: boolean;
};

/** Null when none began at the instant: the test was failing already, had never passed, or passed in another lab's stead. */
function judgeSeries(
  runs: readonly SeriesRun[],
  builds: ReadonlyMap<number, BuildRow>,
  environments: ReadonlyMap<number, EnvironmentRow>,
  at: number,
  policy: BaselinePolicy,
  tells: (run: SeriesRun) => boolean,
): Judged | null {
  const verdicts = verdictsOfBuilds(runs.filter(tells), builds, environments);
  const streak = failingStreaks(verdicts).find(({ firstBad, fixedIn }) => {
    const ids = new Set(verdicts.slice(firstBad, fixedIn ?? undefined).map(({ buildId }) => buildId));
    return beganAt(runs, (run) => tells(run) && ids.has(run.buildId)) === at;
  });
  if (!streak) return null;
  const end = streak.fixedIn ?? verdicts.length;
  const [sample, base] = [sumWindow(verdicts, streak.firstBad, end), sumWindow(verdicts, 0, streak.firstBad)];
  const idAt = (place: number) => verdicts[place]?.buildId ?? 0;
  const suspects = suspectsOf(verdicts, streak);
  const bad = verdicts.slice(streak.firstBad, end);
  // Labs that agree on a build of which no run passes are worth one failure more.
  const isAgreed = bad.some((one) => one.failing.length > 1 && one.passes === 0);
  const minFails = Math.max(1, policy.minFails - (isAgreed ? 1 : 0));
  const failing = new Set(bad.flatMap((one) => one.failing));
  const badIds = new Set(bad.map(({ buildId }) => buildId));
  const ofSample = runs.filter((run) => tells(run) && badIds.has(run.buildId));
  const byLab = Map.groupBy(ofSample, ({ envId }) => environments.get(envId)?.sourceId ?? 0);
  const facts = judgeLabs(sample, base, { ...policy, minFails }, failing, byLab);
  const isPicked = base.fails > 0 && suspects === null;
  return {
    ...facts,
    status: isPicked ? 'NOT_SIGNIFICANT' : facts.status,
    isPicked,
    sample,
    base,
    lastGoodId: idAt(streak.lastGood),
    firstBadId: idAt(streak.firstBad),
    fixedInId: streak.fixedIn === null ? null : idAt(streak.fixedIn),
    failingBuilds: bad.filter((one) => one.failing.length > 0).length,
    failingSourceIds: [...failing].sort((a, b) => a - b),
    suspectIds: (suspects ?? [streak.firstBad]).map(idAt),
  };
}

/** Over all labs, or of those alone that fail: what p may be is then shared out among the labs, as any could have been picked. */
function judgeLabs(
  sample: Window,
  base: Window,
  policy: BaselinePolicy,
  failing: ReadonlySet<number>,
  byLab: ReadonlyMap<number, readonly SeriesRun[]>,
): RegressionFacts {
  const pooled = judgeRegression(sample, base, policy);
  const told = [...byLab].map(([lab, runs]) => ({
    lab,
    passes: runs.filter(({ verdict }) => verdict === PASS).length,
    fails: runs.filter(({ verdict }) => verdict === FAIL).length,
  }));
  const labs = told.filter(({ passes, fails }) => passes + fails > 0);
  const bad = labs.filter(({ lab }) => failing.has(lab));
  if (pooled.status !== 'NOT_SIGNIFICANT' || bad.length === labs.length) return pooled;
  const confidence = 100 - (100 - policy.confidence) / labs.length;
  const alone = judgeRegression(sumWindow(bad, 0, bad.length), base, { ...policy, confidence });
  if (alone.status === 'NOT_SIGNIFICANT' || alone.p === null) return pooled;
  return { ...pooled, status: alone.status, p: alone.p * labs.length };
}

/** When the stream of the first failing run of the builds turned to FAIL: it may have done so in a build that was repaired. */
function beganAt(runs: readonly SeriesRun[], isOf: (run: SeriesRun) => boolean): number | null {
  const first = runs.findIndex((run) => run.verdict === FAIL && isOf(run));
  const { envId } = runs[first] ?? {};
  let began: number | null = null;
  for (const run of runs.slice(0, first + 1).reverse()) {
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
  return rows.flatMap(({ suiteId, branchId, caseId, isPicked: _, ...row }) => {
    const [name, suite, place] = [cases.get(caseId), suiteNames.get(suiteId), places.get(branchId)];
    if (!name || suite === undefined || !place) return [];
    return [{ ...row, ...name, suite, project: fromStored(place.project), branch: fromStored(place.name) }];
  });
}
