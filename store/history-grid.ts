/** The tests of a suite by the builds of a project: a letter a cell, labs laid over each other on each device type. */
import type { Viewer } from '#schema/viewer.ts';
import { indexCases } from './case-index.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import type { TypeRuns } from './history-cells.ts';
import { createRows, type GridRows } from './history-rows.ts';
import { type HistoryRun, listNewestRuns } from './history-runs.ts';
import { selectIn } from './many-rows.ts';
import type { Store } from './store.ts';
import { secondOf } from './stored-job.ts';
import { listSuiteBuilds, type SuiteBuild } from './suite-builds.ts';
import { splitSuiteName } from './suite-run.ts';
import { toStored } from './text.ts';

export type GridSuite = {
  project: string;
  /** With or without the job's index. */
  suite: string;
  /** Of all branches unless named. */
  branch?: string | null;
};

export type HistoryGrid = {
  /** By number, newest first by their first job. */
  builds: number[];
  /** The oldest of the builds asked for are left out: they have more than is read for an answer. */
  truncated: boolean;
} & GridRows;

/** What is read for an answer at most; `cases` are those in the shapes of the runs. */
type Limits = { runs: number; cases: number };
const LIMITS: Limits = { runs: 20_000, cases: 2_000_000 };
/** Runs are wanted as far back as the oldest build goes. */
const GROWTH = 4;

export async function getHistoryGrid(
  store: Store,
  viewer: Viewer,
  { project, suite: name, branch }: GridSuite,
  count: number,
  scope: Scope,
  limits = LIMITS,
): Promise<HistoryGrid> {
  const suite = await store.sql.get<{ id: number }>(
    'SELECT id FROM suite WHERE name = ?',
    toStored(splitSuiteName(name).name),
  );
  const inSight = (await listEnvironments(store, viewer, {})).map(({ id }) => id);
  const environments = new Map((await listEnvironments(store, viewer, scope)).map((row) => [row.id, row]));
  const place = suite && { suiteId: suite.id, project, branch };
  const wanted = place
    ? await listSuiteBuilds(store, { ...place, inSight, inScope: [...environments.keys()] }, scope, count)
    : [];
  const { builds, runs } = place
    ? await readRuns(store, place, wanted, [...environments.keys()], scope, limits)
    : { builds: [], runs: [] };
  const index = await indexCases(store, [...new Set(runs.map(({ shapeId }) => shapeId))]);
  const types = suite ? await toTypes(store, suite.id, builds, runs, environments) : [];
  return {
    builds: builds.map(({ id }) => id),
    truncated: builds.length < wanted.length,
    ...createRows(index, types, builds.length),
  };
}

/** The builds whose runs are all at hand, and these. */
async function readRuns(
  store: Store,
  place: { suiteId: number; project: string; branch?: string | null },
  builds: readonly SuiteBuild[],
  envIds: readonly number[],
  scope: Scope,
  limits: Limits,
): Promise<{ builds: SuiteBuild[]; runs: HistoryRun[] }> {
  const oldest = builds.at(-1);
  if (!oldest) return { builds: [], runs: [] };
  const within = { ...scope, since: Math.max(scope.since ?? oldest.createdAt, oldest.createdAt) };
  const ids = new Set(builds.map(({ id }) => id));
  const runs: HistoryRun[] = [];
  const known = new Set<number>();
  let [looked, cases] = [0, 0];
  for await (const page of listNewestRuns(store, place, envIds, within, () => GROWTH)) {
    const fresh = new Set(page.map(({ shapeId }) => shapeId).filter((id) => !known.has(id)));
    const rows = await selectIn<{ id: number; size: number }>(
      store.sql,
      'SELECT id, size FROM shape WHERE id',
      [],
      [...fresh],
    );
    const sizes = new Map(rows.map(({ id, size }) => [id, size]));
    for (const run of page) {
      looked += 1;
      if (ids.has(run.buildId) && !known.has(run.shapeId)) {
        known.add(run.shapeId);
        cases += sizes.get(run.shapeId) ?? 0;
      }
      if (looked > limits.runs || cases > limits.cases) {
        // A build is whole when it began behind the run that is not read.
        const whole = builds.filter(({ createdAt }) => secondOf(createdAt) > run.at);
        const kept = new Set(whole.map(({ id }) => id));
        return { builds: whole, runs: runs.filter(({ buildId }) => kept.has(buildId)) };
      }
      if (ids.has(run.buildId)) runs.push(run);
    }
  }
  return { builds: [...builds], runs };
}

/** By device type. */
async function toTypes(
  store: Store,
  suiteId: number,
  builds: readonly SuiteBuild[],
  runs: readonly HistoryRun[],
  environments: ReadonlyMap<number, EnvironmentRow>,
): Promise<TypeRuns[]> {
  const columnOf = new Map(builds.map(({ id }, column) => [id, column]));
  const lost = await selectIn<{ buildId: number; envId: number }>(
    store.sql,
    'SELECT build_id AS "buildId", env_id AS "envId" FROM build_suite WHERE suite_id = ? AND infrastructure > 0 AND build_id',
    [suiteId],
    [...columnOf.keys()],
  );
  const typeOf = ({ envId }: { envId: number }) => environments.get(envId)?.deviceType;
  const byType = Map.groupBy(runs, typeOf);
  const lostByType = Map.groupBy(lost, typeOf);
  const names = [...byType.keys()].filter((name) => name !== undefined).sort();
  return names.map((deviceType) => ({
    deviceType,
    runs: (byType.get(deviceType) ?? []).map(({ buildId, shapeId, verdicts }) => {
      return { column: columnOf.get(buildId) ?? 0, shapeId, verdicts };
    }),
    lost: new Set((lostByType.get(deviceType) ?? []).map(({ buildId }) => columnOf.get(buildId) ?? 0)),
  }));
}
