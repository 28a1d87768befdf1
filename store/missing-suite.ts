/** What ran on a kind of board for the builds before, and not for this one; and what its jobs say of that. */
import { isInfrastructure } from '#analysis/failure-class.ts';
import type { MissingReason } from '#analysis/missing-reason.ts';
import { FailureClass, JobHealth } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type BuildRow, listBuildsBefore } from './build.ts';
import type { EnvironmentRow } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { unpackJobText } from './job-text.ts';
import { bySuiteName, compare, environmentsById, type MatrixScope } from './matrix.ts';
import type { Store } from './store.ts';
import { FINISHED } from './stored-job.ts';

/** A suite on a kind of board. `jobs`: those of this build behind the reason. `lastBuildId`: the newest that ran it. */
export type MissingSuiteRow = {
  suite: string;
  deviceType: string;
  reason: MissingReason;
  jobs: number;
  lastBuildId: number;
};

type Cell = { id: number; deviceTypeId: number; lastBuildId: number };

/** What became of a job that was to run something. */
type Fate = 'RUNNING' | 'QUEUED' | 'INFRASTRUCTURE' | 'CANCELED' | 'INCOMPLETE';
/** Of several, the first counts: a job that is still to run it says more than one that is over. */
const FATES: readonly Fate[] = ['RUNNING', 'QUEUED', 'INFRASTRUCTURE', 'CANCELED', 'INCOMPLETE'];

/** Jobs of a build that are looked at for what they were to run, the newest first. */
const JOBS = 1_000;

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
  const wanted = new Set(cells.map(({ deviceTypeId }) => deviceTypeId));
  const ofTypes = [...envs.values()].filter(({ deviceTypeId }) => wanted.has(deviceTypeId));
  const types = new Map(ofTypes.map((env) => [env.deviceTypeId, env.deviceType]));
  const ended = await countJobs(store, build.id, ofTypes);
  const planned = ended.others > 0 ? await plannedByFate(store, build.id, ofTypes) : new Map();
  const rows = await bySuiteName(store, cells);
  return rows
    .map(({ deviceTypeId, lastBuildId, name }) => {
      const jobsOf = (fate: Fate) => planned.get(planKey(fate, deviceTypeId, name)) ?? 0;
      const fate = FATES.find((one) => jobsOf(one) > 0);
      const complete = ended.complete.get(deviceTypeId) ?? 0;
      const reason: MissingReason = fate ?? (complete > 0 ? 'LEFT_OUT' : 'NEVER_SUBMITTED');
      const jobs = fate ? jobsOf(fate) : complete;
      return { suite: name, deviceType: types.get(deviceTypeId) ?? '', reason, jobs, lastBuildId };
    })
    .sort((a, b) => compare(a.suite, b.suite) || compare(a.deviceType, b.deviceType));
}

function planKey(fate: Fate, deviceTypeId: number, suite: string): string {
  return `${fate} ${deviceTypeId} ${suite}`;
}

/** What the build itself has is read once: asked cell by cell, every environment would be looked up for each. */
async function listCells(
  { sql, engine }: Store,
  buildId: number,
  before: readonly number[],
  ids: string,
): Promise<Cell[]> {
  const ran = await sql.all<Omit<Cell, 'lastBuildId'> & { buildId: number }>(
    `WITH here AS MATERIALIZED (
       SELECT DISTINCT b.suite_id, o.device_type_id FROM build_suite b JOIN env o ON o.id = b.env_id
       WHERE b.build_id = ? AND b.env_id IN ${LISTED[engine]} AND b.runs > 0)
     SELECT DISTINCT p.suite_id AS id, e.device_type_id AS "deviceTypeId", p.build_id AS "buildId"
     FROM build_suite p JOIN env e ON e.id = p.env_id
     WHERE p.build_id IN ${LISTED[engine]} AND p.env_id IN ${LISTED[engine]} AND p.runs > 0 AND NOT EXISTS (
       SELECT 1 FROM here WHERE here.suite_id = p.suite_id AND here.device_type_id = e.device_type_id)`,
    buildId,
    ids,
    idList(before),
    ids,
  );
  return [...Map.groupBy(ran, ({ id, deviceTypeId }) => `${id}/${deviceTypeId}`).values()].flatMap((rows) => {
    const [first] = rows;
    const of = new Set(rows.map((row) => row.buildId));
    const lastBuildId = before.find((id) => of.has(id));
    return first && lastBuildId !== undefined ? [{ id: first.id, deviceTypeId: first.deviceTypeId, lastBuildId }] : [];
  });
}

/** Complete jobs by kind of board, and how many are not. */
async function countJobs({ sql, engine }: Store, buildId: number, envs: readonly EnvironmentRow[]) {
  const rows = await sql.all<{ id: number; complete: number; others: number }>(
    `SELECT e.device_type_id AS id, sum(b.complete) AS complete, sum(b.incomplete + b.canceled + b.running) AS others
     FROM build_env b JOIN env e ON e.id = b.env_id
     WHERE b.build_id = ? AND b.env_id IN ${LISTED[engine]} GROUP BY e.device_type_id`,
    buildId,
    idList(envs.map(({ id }) => id)),
  );
  return {
    complete: new Map(rows.map(({ id, complete }) => [id, complete])),
    others: rows.reduce((n, { others }) => n + others, 0),
  };
}

type PlanRow = {
  envId: number;
  state: number;
  startAt: number | null;
  health: number;
  failureClass: number;
  body: Buffer | null;
};

/** How many jobs of a fate were to run a suite on a kind of board, as their definitions say. */
async function plannedByFate(
  { sql, engine }: Store,
  buildId: number,
  envs: readonly EnvironmentRow[],
): Promise<Map<string, number>> {
  const typeOf = new Map(envs.map(({ id, deviceTypeId }) => [id, deviceTypeId]));
  const rows = await sql.all<PlanRow>(
    `SELECT j.env_id AS "envId", j.state, j.start_at AS "startAt", j.health, j.failure_class AS "failureClass", t.body
     FROM job j LEFT JOIN job_text t ON t.job_id = j.id AND t.env_id = j.env_id
     WHERE j.build_id = ? AND j.env_id IN ${LISTED[engine]} AND (j.state <> ${FINISHED} OR j.health <> ${COMPLETE})
     ORDER BY j.submit_at DESC, j.id DESC LIMIT ${JOBS}`,
    buildId,
    idList(typeOf.keys()),
  );
  const planned = new Map<string, number>();
  for (const row of rows) {
    const suites = row.body ? unpackJobText(row.body).plannedSuites : [];
    for (const suite of new Set(suites)) {
      const key = planKey(fateOf(row), typeOf.get(row.envId) ?? 0, suite);
      planned.set(key, (planned.get(key) ?? 0) + 1);
    }
  }
  return planned;
}

const COMPLETE = JobHealth.options.indexOf('COMPLETE');

function fateOf({ state, startAt, health, failureClass }: PlanRow): Fate {
  if (state !== FINISHED) return startAt === null ? 'QUEUED' : 'RUNNING';
  if (isInfrastructure(FailureClass.options[failureClass] ?? '')) return 'INFRASTRUCTURE';
  return JobHealth.options[health] === 'CANCELED' ? 'CANCELED' : 'INCOMPLETE';
}
