/** Runs around a failure, some weeks before and some days after: of its test, or of jobs on its kind of board. */
import type { Outcome } from '#analysis/attribution-facts.ts';
import { JobHealth } from '#schema/records.ts';
import type { SubjectJob } from './attribution-subject.ts';
import { FAIL } from './build-run.ts';
import { type CaseName, caseKey, PASS, type Verdict, verdictAt, worseOf } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { selectEach } from './many-rows.ts';
import { createShapeReader, namesOf, type ReadShape } from './read-shape.ts';
import type { Store } from './store.ts';

const DAY_SECONDS = 86_400;
const SECOND = 1_000_000;
export const DAYS_BEFORE = 14;
export const DAYS_AFTER = 7;
/** Streams (environment and branch) looked at: of the failure's branch first, then of its project; on each its type first. */
const STREAMS = 64;
/** Of a stream: the nearest so many runs on either side. */
const RUNS_BEFORE = 200;
const RUNS_AFTER = 50;

type RunRow = {
  envId: number;
  branchId: number;
  at: number;
  jobId: number;
  deviceId: number | null;
  buildId: number | null;
  shapeId: number;
  shapeHash: Buffer;
  size: number;
  pass: number;
  fail: number;
  verdicts: Buffer;
};

const RUNS = `SELECT h.env_id AS "envId", h.branch_id AS "branchId", h.at, h.job_id AS "jobId", j.device_id AS "deviceId",
    j.build_id AS "buildId", h.shape_id AS "shapeId", s.hash AS "shapeHash", s.size, r.pass, r.fail, r.verdicts
  FROM suite_history h JOIN job j ON j.id = h.job_id AND j.env_id = h.env_id
    JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord JOIN shape s ON s.id = h.shape_id
  WHERE h.env_id = ? AND h.suite_id = ? AND h.branch_id = ?`;
const BEFORE = `${RUNS} AND h.at > ? AND h.at <= ? ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC LIMIT ${RUNS_BEFORE}`;
const AFTER = `${RUNS} AND h.at > ? AND h.at <= ? ORDER BY h.at, h.number, h.job_id, h.ord LIMIT ${RUNS_AFTER}`;

/** By case: passes and failures of each, in the environments given, on all branches. */
export async function readTestOutcomes(
  store: Store,
  environments: readonly EnvironmentRow[],
  job: SubjectJob,
  suiteId: number,
  caseIds: readonly number[],
): Promise<Map<number, Outcome[]>> {
  const outcomes = new Map<number, Outcome[]>(caseIds.map((id) => [id, []]));
  const rows = await readRuns(store, environments, job, suiteId);
  const shapeOf = await createShapeReader(store.sql)(rows);
  const isLoose = rows.some((row) => shapeOf(row).looseNames.size > 0);
  const names = isLoose ? await namesOf(store, caseIds) : new Map<number, CaseName>();
  const placeOf = placesById(environments);
  const places = new Map<number, Map<number, number[]>>();
  for (const row of rows) {
    const held = places.get(row.shapeId) ?? placesOf(shapeOf(row), caseIds, names);
    places.set(row.shapeId, held);
    for (const [caseId, positions] of held) {
      const worst = positions.reduce<Verdict>((all, at) => worseOf(all, verdictAt(row.verdicts, at)), PASS);
      if (worst !== PASS && worst !== FAIL) continue;
      const failed = worst === FAIL;
      const own = positions.length;
      outcomes.get(caseId)?.push({
        failed,
        device: row.deviceId,
        ...placeOf(row.envId),
        build: row.buildId,
        line: row.branchId,
        at: row.at,
        jobId: row.jobId,
        rest: { failed: row.fail - (failed ? own : 0), runs: row.pass + row.fail - own },
      });
    }
  }
  return outcomes;
}

function placesById(environments: readonly EnvironmentRow[]): (envId: number) => Pick<Outcome, 'lab' | 'deviceType'> {
  const byId = new Map(environments.map((row) => [row.id, { lab: row.sourceId, deviceType: row.deviceTypeId }]));
  return (envId) => byId.get(envId) ?? { lab: 0, deviceType: 0 };
}

async function readRuns(
  store: Store,
  environments: readonly EnvironmentRow[],
  { projectId, branchId, deviceTypeId, submitAt }: SubjectJob,
  suiteId: number,
): Promise<RunRow[]> {
  if (projectId === null || branchId === null) return [];
  const day = Math.floor(submitAt / SECOND / DAY_SECONDS);
  const envIds = idList(environments.map(({ id }) => id));
  const streams = await store.sql.all<{ envId: number; branchId: number }>(
    `SELECT e.id AS "envId", b.id AS "branchId"
     FROM (SELECT DISTINCT project_id FROM project_day WHERE env_id IN ${LISTED[store.engine]} AND day BETWEEN ? AND ?) a
       CROSS JOIN project p CROSS JOIN branch b CROSS JOIN env e CROSS JOIN source s
     WHERE p.id = a.project_id AND b.project_id = p.id AND e.id IN ${LISTED[store.engine]} AND s.id = e.source_id
       AND EXISTS (SELECT 1 FROM suite_history h WHERE h.env_id = e.id AND h.suite_id = ? AND h.branch_id = b.id)
     ORDER BY CASE WHEN b.id = ? THEN 0 WHEN p.id = ? THEN 1 ELSE 2 END,
       CASE WHEN e.device_type_id = ? THEN 0 ELSE 1 END, p.slug, b.name, s.slug, e.is_public, e.id LIMIT ${STREAMS}`,
    ...[envIds, day - DAYS_BEFORE, day + DAYS_AFTER, envIds, suiteId, branchId, projectId, deviceTypeId],
  );
  const at = Math.floor(submitAt / SECOND);
  const between = (from: number, until: number) =>
    streams.map((stream) => [stream.envId, suiteId, stream.branchId, from, until]);
  const before = await selectEach<RunRow>(store.sql, BEFORE, between(at - DAYS_BEFORE * DAY_SECONDS, at));
  const after = await selectEach<RunRow>(store.sql, AFTER, between(at, at + DAYS_AFTER * DAY_SECONDS));
  return [...before, ...after];
}

/** A case that fails here may be a name that only the shape keeps in a run where it passes. */
function placesOf(
  { ids, looseNames }: ReadShape,
  caseIds: readonly number[],
  names: ReadonlyMap<number, CaseName>,
): Map<number, number[]> {
  const places = new Map<number, number[]>();
  const wanted = new Set(caseIds);
  const add = (id: number, position: number) => places.set(id, [...(places.get(id) ?? []), position]);
  for (const [position, id] of ids.entries()) if (wanted.has(id)) add(id, position);
  if (looseNames.size === 0) return places;
  const byName = new Map([...names].filter(([id]) => wanted.has(id)).map(([id, name]) => [caseKey(name), id]));
  for (const [position, name] of looseNames) {
    const id = byName.get(caseKey(name));
    if (id !== undefined) add(id, position);
  }
  return places;
}

type JobOutcomeRow = Pick<RunRow, 'envId' | 'at' | 'jobId' | 'deviceId' | 'buildId'> & {
  branchId: number | null;
  health: number;
};

const [COMPLETE, INCOMPLETE] = [JobHealth.options.indexOf('COMPLETE'), JobHealth.options.indexOf('INCOMPLETE')];
const JOBS = `SELECT env_id AS "envId", branch_id AS "branchId", submit_at AS at, id AS "jobId", device_id AS "deviceId",
    build_id AS "buildId", health
  FROM job WHERE env_id = ? AND health IN (${COMPLETE}, ${INCOMPLETE})`;
const JOBS_BEFORE = `${JOBS} AND submit_at > ? AND submit_at <= ? ORDER BY submit_at DESC, number DESC, id DESC LIMIT ${RUNS_BEFORE}`;
const JOBS_AFTER = `${JOBS} AND submit_at > ? AND submit_at <= ? ORDER BY submit_at, number, id LIMIT ${RUNS_AFTER}`;

/** Jobs that ended in the environments: one that did not complete has failed. */
export async function readJobOutcomes(
  store: Store,
  environments: readonly EnvironmentRow[],
  { submitAt }: SubjectJob,
): Promise<Outcome[]> {
  const day = DAY_SECONDS * SECOND;
  const between = (from: number, until: number) => environments.map(({ id }) => [id, from, until]);
  const before = between(submitAt - DAYS_BEFORE * day, submitAt);
  const after = between(submitAt, submitAt + DAYS_AFTER * day);
  const rows = [
    ...(await selectEach<JobOutcomeRow>(store.sql, JOBS_BEFORE, before)),
    ...(await selectEach<JobOutcomeRow>(store.sql, JOBS_AFTER, after)),
  ];
  const placeOf = placesById(environments);
  return rows.map(({ envId, branchId, deviceId, buildId, at, jobId, health }) => ({
    failed: health === INCOMPLETE,
    device: deviceId,
    ...placeOf(envId),
    build: buildId,
    line: branchId,
    at: Math.floor(at / SECOND),
    jobId,
    rest: null,
  }));
}
