/** The suites of a build against the environments they ran in: sums from the rollup. */
import type { Viewer } from '#schema/viewer.ts';
import type { Counts } from './codec.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';

/** Environments in sight and in scope, by number. */
export async function environmentsById(
  store: Store,
  viewer: Viewer,
  scope: MatrixScope,
): Promise<Map<number, EnvironmentRow>> {
  return new Map((await listEnvironments(store, viewer, scope)).map((row) => [row.id, row]));
}

/** Sums of a build have neither days nor health checks told apart. */
export type MatrixScope = Pick<Scope, 'sources' | 'deviceTypes'>;

/**
 * A cell is a suite on a kind of board, over all labs. `problems`: cells where a case fails, or a job failed by a lab's
 * fault; `repeated`: where a lab ran the suite more than once.
 */
export type MatrixSuite = { id: number; name: string; cells: number; problems: number; repeated: number };

/** Every suite of the build, by name. */
export async function listMatrixSuites(
  store: Store,
  viewer: Viewer,
  buildId: number,
  scope: MatrixScope,
): Promise<MatrixSuite[]> {
  const envs = await environmentsById(store, viewer, scope);
  const rows = await store.sql.all<Omit<MatrixSuite, 'name'>>(
    `SELECT suite_id AS id, count(DISTINCT device_type_id) AS cells,
       count(DISTINCT CASE WHEN problems > 0 THEN device_type_id END) AS problems,
       count(DISTINCT CASE WHEN runs > 1 THEN device_type_id END) AS repeated
     FROM (
       SELECT b.suite_id, e.device_type_id, sum(b.fail + b.infrastructure) AS problems, sum(b.runs) AS runs
       FROM build_suite b JOIN env e ON e.id = b.env_id
       WHERE b.build_id = ? AND b.env_id IN ${LISTED[store.engine]} GROUP BY b.suite_id, e.device_type_id, e.source_id) labs
     GROUP BY suite_id`,
    buildId,
    idList(envs.keys()),
  );
  return bySuiteName(store, rows);
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** With the names of the suites that they are about, in the order of these. */
export async function bySuiteName<Row extends { id: number }>(
  store: Store,
  rows: readonly Row[],
): Promise<(Row & { name: string })[]> {
  const suites = await store.sql.all<{ id: number; name: string }>(
    `SELECT id, name FROM suite WHERE id IN ${LISTED[store.engine]}`,
    idList(rows.map((row) => row.id)),
  );
  const names = new Map(suites.map((suite) => [suite.id, fromStored(suite.name)]));
  return rows.map((row) => ({ ...row, name: names.get(row.id) ?? '' })).sort((a, b) => compare(a.name, b.name));
}

export type MatrixRow = Counts & EnvironmentRow & { suiteId: number; infrastructure: number };

type Sums = Counts & { suiteId: number; envId: number; infrastructure: number };

/** Sums of a build, of all its suites unless some are named: one row a suite and environment. */
export async function listMatrix(
  store: Store,
  viewer: Viewer,
  buildId: number,
  scope: MatrixScope,
  suiteIds?: readonly number[],
): Promise<MatrixRow[]> {
  const envs = await environmentsById(store, viewer, scope);
  const ofBuild = `SELECT suite_id AS "suiteId", env_id AS "envId", pass, fail, skip, unknown, infrastructure
    FROM build_suite WHERE build_id = ?`;
  const rows = suiteIds
    ? await store.sql.all<Sums>(`${ofBuild} AND suite_id IN ${LISTED[store.engine]}`, buildId, idList(suiteIds))
    : await store.sql.all<Sums>(ofBuild, buildId);
  return rows.flatMap(({ envId, ...sums }) => {
    const found = envs.get(envId);
    return found ? [{ ...found, ...sums }] : [];
  });
}

export type RecentSums = { buildId: number; suiteId: number; deviceTypeId: number } & Record<
  'pass' | 'fail' | 'other' | 'infrastructure',
  number
>;

/** Cells of several builds, over all labs. */
export async function listRecentCells(
  store: Store,
  viewer: Viewer,
  buildIds: readonly number[],
  suiteIds: readonly number[],
  scope: MatrixScope,
): Promise<RecentSums[]> {
  const { sql, engine } = store;
  return sql.all<RecentSums>(
    `SELECT b.build_id AS "buildId", b.suite_id AS "suiteId", e.device_type_id AS "deviceTypeId", sum(b.pass) AS pass,
       sum(b.fail) AS fail, sum(b.skip + b.unknown) AS other, sum(b.infrastructure) AS infrastructure
     FROM build_suite b JOIN env e ON e.id = b.env_id
     WHERE b.build_id IN ${LISTED[engine]} AND b.suite_id IN ${LISTED[engine]} AND b.env_id IN ${LISTED[engine]}
     GROUP BY b.build_id, b.suite_id, e.device_type_id`,
    idList(buildIds),
    idList(suiteIds),
    idList((await environmentsById(store, viewer, scope)).keys()),
  );
}

export type CellKey = { suiteId: number; deviceTypeId: number };

/** Cells with a failure that the other build ran without one. */
export async function listNewlyFailing(
  store: Store,
  viewer: Viewer,
  buildId: number,
  beforeId: number,
  scope: MatrixScope,
): Promise<CellKey[]> {
  const ids = idList((await environmentsById(store, viewer, scope)).keys());
  return store.sql.all<CellKey>(
    `WITH failing AS (
       SELECT n.suite_id, e.device_type_id FROM build_suite n JOIN env e ON e.id = n.env_id
       WHERE n.build_id = ? AND n.fail > 0 AND n.env_id IN ${LISTED[store.engine]} GROUP BY n.suite_id, e.device_type_id)
     SELECT f.suite_id AS "suiteId", f.device_type_id AS "deviceTypeId"
     FROM failing f CROSS JOIN env e CROSS JOIN build_suite b
     WHERE e.device_type_id = f.device_type_id AND e.id IN ${LISTED[store.engine]}
       AND b.build_id = ? AND b.suite_id = f.suite_id AND b.env_id = e.id
     GROUP BY f.suite_id, f.device_type_id HAVING sum(b.fail) = 0 AND sum(b.pass + b.skip + b.unknown) > 0`,
    buildId,
    ids,
    ids,
    beforeId,
  );
}
