/** What ran on a kind of board for the builds before, and not for this one; told from the sums. */
import type { Viewer } from '#schema/viewer.ts';
import type { BuildRow } from './build.ts';
import { listBuildsBefore } from './build.ts';
import { idList, LISTED } from './id-list.ts';
import { bySuiteName, compare, environmentsById, type MatrixScope } from './matrix.ts';
import type { Store } from './store.ts';
import { FINISHED } from './stored-job.ts';

export const MISSING_REASONS = [
  'INFRASTRUCTURE',
  'RUNNING',
  'QUEUED',
  'CANCELED',
  'INCOMPLETE',
  'LEFT_OUT',
  'NEVER_SUBMITTED',
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];

/** A suite on a kind of board. `jobs`: those of this build behind the reason. `lastBuildId`: the newest that ran it. */
export type MissingSuiteRow = {
  suite: string;
  deviceType: string;
  reason: MissingReason;
  jobs: number;
  lastBuildId: number;
};

type Cell = { id: number; deviceTypeId: number; lastBuildId: number };

/** Jobs of the build on a kind of board, by how they stand. */
type Fates = { complete: number; incomplete: number; canceled: number; running: number; queued: number };

/** By suite and device type. `builds`: so many of the builds before it on its branch say what is to be expected. */
export async function listMissingSuites(
  store: Store,
  viewer: Viewer,
  build: BuildRow,
  scope: MatrixScope,
  builds: number,
): Promise<MissingSuiteRow[]> {
  const before = (await listBuildsBefore(store, viewer, build, builds)).map(({ id }) => id);
  if (before.length === 0) return [];
  const envs = await environmentsById(store, viewer, scope);
  const ids = idList(envs.keys());
  const cells = await listCells(store, build.id, before, ids);
  if (cells.length === 0) return [];
  const lost = await lostByCell(store, build.id, ids);
  const fates = await fatesByType(store, build.id, ids);
  const types = new Map([...envs.values()].map((env) => [env.deviceTypeId, env.deviceType]));
  const rows = await bySuiteName(store, cells);
  return rows
    .map(({ id, deviceTypeId, lastBuildId, name }) => {
      const [reason, jobs] = reasonOf(lost.get(`${id}/${deviceTypeId}`) ?? 0, fates.get(deviceTypeId));
      return { suite: name, deviceType: types.get(deviceTypeId) ?? '', reason, jobs, lastBuildId };
    })
    .sort((a, b) => compare(a.suite, b.suite) || compare(a.deviceType, b.deviceType));
}

/** What a job was to run is known where it failed by the lab's fault; else the jobs on that kind of board tell. */
function reasonOf(lost: number, fates: Fates | undefined): [MissingReason, number] {
  if (lost > 0) return ['INFRASTRUCTURE', lost];
  if (!fates) return ['NEVER_SUBMITTED', 0];
  const { complete, incomplete, canceled, running, queued } = fates;
  if (running > 0) return ['RUNNING', running];
  if (queued > 0) return ['QUEUED', queued];
  if (canceled > 0) return ['CANCELED', canceled];
  if (incomplete > 0) return ['INCOMPLETE', incomplete];
  return complete > 0 ? ['LEFT_OUT', complete] : ['NEVER_SUBMITTED', 0];
}

async function listCells(
  { sql, engine }: Store,
  buildId: number,
  before: readonly number[],
  ids: string,
): Promise<Cell[]> {
  const ran = await sql.all<Omit<Cell, 'lastBuildId'> & { buildId: number }>(
    `SELECT DISTINCT p.suite_id AS id, e.device_type_id AS "deviceTypeId", p.build_id AS "buildId"
     FROM build_suite p JOIN env e ON e.id = p.env_id
     WHERE p.build_id IN ${LISTED[engine]} AND p.env_id IN ${LISTED[engine]} AND p.runs > 0 AND NOT EXISTS (
       SELECT 1 FROM env o JOIN build_suite b ON b.env_id = o.id
       WHERE b.build_id = ? AND b.suite_id = p.suite_id AND b.runs > 0
         AND o.device_type_id = e.device_type_id AND o.id IN ${LISTED[engine]})`,
    idList(before),
    ids,
    buildId,
    ids,
  );
  return [...Map.groupBy(ran, ({ id, deviceTypeId }) => `${id}/${deviceTypeId}`).values()].flatMap((rows) => {
    const [first] = rows;
    const of = new Set(rows.map((row) => row.buildId));
    const lastBuildId = before.find((id) => of.has(id));
    return first && lastBuildId !== undefined ? [{ id: first.id, deviceTypeId: first.deviceTypeId, lastBuildId }] : [];
  });
}

async function lostByCell({ sql, engine }: Store, buildId: number, ids: string): Promise<Map<string, number>> {
  const rows = await sql.all<{ suiteId: number; deviceTypeId: number; lost: number }>(
    `SELECT b.suite_id AS "suiteId", e.device_type_id AS "deviceTypeId", sum(b.infrastructure) AS lost
     FROM build_suite b JOIN env e ON e.id = b.env_id
     WHERE b.build_id = ? AND b.infrastructure > 0 AND b.env_id IN ${LISTED[engine]}
     GROUP BY b.suite_id, e.device_type_id`,
    buildId,
    ids,
  );
  return new Map(rows.map((row) => [`${row.suiteId}/${row.deviceTypeId}`, row.lost]));
}

async function fatesByType({ sql, engine }: Store, buildId: number, ids: string): Promise<Map<number, Fates>> {
  const rows = await sql.all<Fates & { id: number }>(
    `SELECT e.device_type_id AS id, sum(b.complete) AS complete, sum(b.incomplete) AS incomplete,
       sum(b.canceled) AS canceled, sum(b.running) AS running, 0 AS queued
     FROM build_env b JOIN env e ON e.id = b.env_id
     WHERE b.build_id = ? AND b.env_id IN ${LISTED[engine]} GROUP BY e.device_type_id`,
    buildId,
    ids,
  );
  const fates = new Map(rows.map(({ id, ...of }) => [id, of]));
  if (rows.every(({ running }) => running === 0)) return fates;
  // An open job counts as running in the sums; those that have not begun wait.
  const waiting = await sql.all<{ id: number; queued: number }>(
    `SELECT e.device_type_id AS id, count(*) AS queued FROM job j JOIN env e ON e.id = j.env_id
     WHERE j.state <> ${FINISHED} AND j.start_at IS NULL AND j.build_id = ? AND j.env_id IN ${LISTED[engine]}
     GROUP BY e.device_type_id`,
    buildId,
    ids,
  );
  for (const { id, queued } of waiting) {
    const of = fates.get(id);
    if (of) Object.assign(of, { queued, running: of.running - queued });
  }
  return fates;
}
