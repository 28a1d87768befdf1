/** What else is known of the moment of failed jobs: the worker, the board's health, the steps. */
import { type Stage, stageOf } from '#analysis/action-stage.ts';
import type { Counts } from '#analysis/attribution-facts.ts';
import { JobHealth, type Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { DAYS_BEFORE } from './attribution-runs.ts';
import type { SubjectJob } from './attribution-subject.ts';
import { eachNonPass, FAIL } from './codec.ts';
import { idList, LISTED } from './id-list.ts';
import { selectEach } from './many-rows.ts';
import { createShapeReader, readNames } from './read-shape.ts';
import type { Store } from './store.ts';
import { inSight, sightOf } from './visibility.ts';

const MINUTE = 60_000_000;
const DAY = 1_440 * MINUTE;
const NEAR = 30 * MINUTE;
/** A board that was found bad so long after a failure may have been bad then. */
const SOON = 3 * DAY;

const NONE: Counts = { failed: 0, runs: 0 };

const [COMPLETE, INCOMPLETE] = [JobHealth.options.indexOf('COMPLETE'), JobHealth.options.indexOf('INCOMPLETE')];

export type CoFailures = { unrelated: Counts; sameBuild: Counts };

export const NO_COFAILURES: CoFailures = { unrelated: NONE, sameBuild: NONE };

/** Of a board, the jobs that were submitted last before the moment: so many may have waited until it. */
const LAST_JOBS = 50;

/**
 * By job: jobs of other boards that ended on its worker near its end, of its build and of others; none where the viewer may
 * not know which board is its own. They failed where they did not complete, or most of their results did.
 */
export async function countCoFailures(
  store: Store,
  viewer: Viewer,
  jobs: readonly SubjectJob[],
): Promise<Map<number, CoFailures>> {
  const boards = await listBoards(store, jobs);
  const sight = await sightOf(store, viewer);
  const wanted = jobs.flatMap(({ id, sourceId, deviceId, workerId, endAt }) => {
    if (deviceId === null || endAt === null) return [];
    const { values } = inSight({ ...sight, sourceIds: [sourceId] });
    const others = (boards.get(workerId ?? 0) ?? []).filter((other) => other !== deviceId);
    return others.map((other) => [other, endAt - DAYS_BEFORE * DAY, endAt + NEAR, ...values, id]);
  });
  const rows = await selectEach<Counts & { jobId: number; isSame: number }>(
    store.sql,
    `SELECT f.id AS "jobId", CASE WHEN j.build_id = f.build_id THEN 1 ELSE 0 END AS "isSame", count(*) AS runs,
       sum(CASE WHEN j.health = ${INCOMPLETE} OR j.fail > j.pass THEN 1 ELSE 0 END) AS failed
     FROM (SELECT worker_id, build_id, end_at, health, pass, fail FROM job
         WHERE device_id = ? AND submit_at BETWEEN ? AND ? AND source_id IN (?) AND (is_public = 1 OR ? = 1)
         ORDER BY submit_at DESC, id DESC LIMIT ${LAST_JOBS}) j
       JOIN job f ON f.id = ? AND f.worker_id = j.worker_id
     WHERE j.end_at BETWEEN f.end_at - ${NEAR} AND f.end_at + ${NEAR} AND j.health IN (${COMPLETE}, ${INCOMPLETE})
     GROUP BY 1, 2`,
    wanted,
  );
  const found = new Map<number, CoFailures>();
  for (const { jobId, isSame, failed, runs } of rows) {
    const before = found.get(jobId) ?? NO_COFAILURES;
    const key = isSame === 1 ? 'sameBuild' : 'unrelated';
    found.set(jobId, { ...before, [key]: { failed: before[key].failed + failed, runs: before[key].runs + runs } });
  }
  return found;
}

/** By worker. */
async function listBoards(store: Store, jobs: readonly SubjectJob[]): Promise<Map<number, number[]>> {
  const workers = new Set(jobs.flatMap(({ workerId }) => workerId ?? []));
  const rows = await store.sql.all<{ id: number; workerId: number }>(
    `SELECT id, worker_id AS "workerId" FROM device WHERE worker_id IN ${LISTED[store.engine]} ORDER BY id`,
    idList(workers),
  );
  return new Map([...Map.groupBy(rows, ({ workerId }) => workerId)].map(([id, of]) => [id, of.map((row) => row.id)]));
}

/** Jobs whose board was set to Bad soon after their end. */
export async function findBadBoards(store: Store, jobs: readonly SubjectJob[]): Promise<Set<number>> {
  const ids = new Set(jobs.flatMap(({ deviceId }) => deviceId ?? []));
  const rows = await store.sql.all<{ deviceId: number; at: Micros }>(
    `SELECT device_id AS "deviceId", at FROM device_health WHERE device_id IN ${LISTED[store.engine]} AND health = 'Bad'`,
    idList(ids),
  );
  const isSoon = (at: Micros, end: Micros) => at >= end && at <= end + SOON;
  const bad = jobs.filter(
    ({ deviceId, endAt }) => endAt !== null && rows.some((row) => row.deviceId === deviceId && isSoon(row.at, endAt)),
  );
  return new Set(bad.map(({ id }) => id));
}

export type FailedAction = { name: string; stage: Stage };

/** By job: the first of its steps that failed and whose name tells where the job stood. */
export async function findFailedActions(store: Store, jobs: readonly SubjectJob[]): Promise<Map<number, FailedAction>> {
  type Row = { jobId: number; shapeId: number; shapeHash: Buffer; size: number; verdicts: Buffer };
  const rows = await store.sql.all<Row>(
    `SELECT r.job_id AS "jobId", r.shape_id AS "shapeId", s.hash AS "shapeHash", s.size, r.verdicts
     FROM job j CROSS JOIN suite_run r CROSS JOIN shape s
     WHERE j.id IN ${LISTED[store.engine]} AND r.env_id = j.env_id AND r.job_id = j.id AND r.is_steps = 1 AND r.fail > 0
       AND s.id = r.shape_id ORDER BY r.job_id, r.ord`,
    idList(jobs.map(({ id }) => id)),
  );
  const shapeOf = await createShapeReader(store.sql)(rows);
  const parts = rows.map((row) => {
    const positions: number[] = [];
    eachNonPass(row.verdicts, (position, verdict) => {
      if (verdict === FAIL) positions.push(position);
    });
    return { jobId: row.jobId, shape: shapeOf(row), positions };
  });
  const nameAt = await readNames(store, parts);
  const found = new Map<number, FailedAction>();
  for (const { jobId, shape, positions } of parts) {
    for (const position of positions) {
      const { name } = nameAt(shape, position);
      const stage = stageOf(name);
      if (stage && !found.has(jobId)) found.set(jobId, { name, stage });
    }
  }
  return found;
}
