/** What some cases of a suite came to in each of its runs, oldest first. */
import { setImmediate } from 'node:timers/promises';
import { isInfrastructure } from '#analysis/failure-class.ts';
import { isInfrastructureBatch } from '#analysis/infrastructure-batch.ts';
import { FailureClass } from '#schema/records.ts';
import { caseKey, eachNonPass, PASS, type Verdict, worseOf } from './codec.ts';
import { idList, LISTED } from './id-list.ts';
import { namesOf, unpackShapes } from './read-shape.ts';
import type { Store } from './store.ts';
import type { Span } from './turn-to-fail.ts';

/** Of a suite in environments, on a branch or on all. */
export type SuiteStreams = { suiteId: number; envIds: readonly number[]; branchId: number | null };

/** A case in a run. */
export type SeriesRun = {
  envId: number;
  branchId: number;
  buildId: number;
  jobId: number;
  at: number;
  verdict: Verdict;
  /** The job failed by the lab's fault: it says nothing of the test. */
  isLost: boolean;
  /** Nearly all that the job ran failed together. */
  isBatch: boolean;
  isHealthCheck: boolean;
};

type Row = Omit<SeriesRun, 'verdict' | 'isLost' | 'isBatch' | 'isHealthCheck'> & {
  shapeId: number;
  verdicts: Buffer;
  failureClass: number;
  healthCheck: number;
  pass: number;
  fail: number;
};

/** Runs, and cases of their shapes, that are read for a suite. */
const MOST_RUNS = 20_000;
const MOST_CASES = 5_000_000;
/** Shapes unpacked at a time. */
const AT_ONCE = 16;
const NEXT = 'SELECT min(h.branch_id) FROM suite_history h WHERE h.suite_id = ?';

/** By case, and the builds they are of; of the newest runs where there are more than are read. */
export async function readSeriesRuns(
  store: Store,
  { suiteId, envIds, branchId }: SuiteStreams,
  caseIds: readonly number[],
  { from, until }: Span,
): Promise<{ series: Map<number, SeriesRun[]>; buildIds: Set<number> }> {
  const rows = await store.sql.all<Row>(
    `WITH RECURSIVE stream (env_id, branch_id) AS (
       SELECT e.id, (${NEXT} AND h.env_id = e.id) FROM env e WHERE e.id IN ${LISTED[store.engine]}
       UNION ALL
       SELECT s.env_id, (${NEXT} AND h.env_id = s.env_id AND h.branch_id > s.branch_id) FROM stream s
       WHERE s.branch_id IS NOT NULL)
     SELECT h.env_id AS "envId", h.branch_id AS "branchId", j.build_id AS "buildId", h.job_id AS "jobId", h.at,
       h.shape_id AS "shapeId", r.verdicts, j.failure_class AS "failureClass", j.health_check AS "healthCheck", j.pass, j.fail
     FROM stream s CROSS JOIN suite_history h JOIN job j ON j.id = h.job_id AND j.env_id = h.env_id
       JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord
     WHERE (s.branch_id = ? OR ? = 1) AND h.env_id = s.env_id AND h.suite_id = ? AND h.branch_id = s.branch_id
       AND h.at >= ? AND h.at < ?
     ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC LIMIT ${MOST_RUNS}`,
    ...[suiteId, idList(envIds), suiteId, branchId ?? 0, branchId === null ? 1 : 0, suiteId, from, until],
  );
  const places = await placesByShape(store, [...new Set(rows.map(({ shapeId }) => shapeId))], caseIds);
  const series = new Map<number, SeriesRun[]>(caseIds.map((id) => [id, []]));
  for (const { shapeId, verdicts, failureClass, healthCheck, pass, fail, ...place } of rows.reverse()) {
    const positions = places.get(shapeId);
    if (!positions || positions.size === 0) continue;
    const found = new Map<number, Verdict>();
    for (const caseId of positions.values()) found.set(caseId, PASS);
    eachNonPass(verdicts, (position, verdict) => {
      const caseId = positions.get(position);
      if (caseId !== undefined) found.set(caseId, worseOf(found.get(caseId) ?? PASS, verdict));
    });
    const run = {
      ...place,
      isLost: isInfrastructure(FailureClass.options[failureClass] ?? ''),
      isBatch: isInfrastructureBatch({ pass, fail }),
      isHealthCheck: healthCheck === 1,
    };
    for (const [caseId, verdict] of found) series.get(caseId)?.push({ ...run, verdict });
  }
  return { series, buildIds: new Set(rows.map(({ buildId }) => buildId)) };
}

/** Of each shape, where it has which of the cases; names that it alone keeps are compared as such. */
async function placesByShape(
  store: Store,
  shapeIds: readonly number[],
  caseIds: readonly number[],
): Promise<Map<number, Map<number, number>>> {
  const wanted = new Set(caseIds);
  const names = await namesOf(store, caseIds);
  const byName = new Map([...names].map(([id, name]) => [caseKey(name), id]));
  const places = new Map<number, Map<number, number>>();
  let cases = 0;
  for (let at = 0; at < shapeIds.length && cases <= MOST_CASES; at += AT_ONCE) {
    if (at > 0) await setImmediate();
    for (const { id, ids, looseNames } of await unpackShapes(store.sql, shapeIds.slice(at, at + AT_ONCE))) {
      cases += ids.length;
      const found = new Map<number, number>();
      for (const [position, caseId] of ids.entries()) if (wanted.has(caseId)) found.set(position, caseId);
      let position = -1;
      for (const name of looseNames()) {
        position = ids.indexOf(0, position + 1);
        const caseId = byName.get(caseKey(name));
        if (caseId !== undefined) found.set(position, caseId);
      }
      places.set(id, found);
    }
  }
  return places;
}
