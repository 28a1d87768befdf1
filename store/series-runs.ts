/** What some cases of a suite came to in each of its runs on a branch, oldest first. */
import { setImmediate } from 'node:timers/promises';
import { isInfrastructure } from '#analysis/failure-class.ts';
import { FailureClass } from '#schema/records.ts';
import { type CaseName, caseKey, eachNonPass, PASS, type Verdict, worseOf } from './codec.ts';
import { idList, LISTED } from './id-list.ts';
import { namesOf, unpackShapes } from './read-shape.ts';
import type { Store } from './store.ts';
import type { Span } from './turn-to-fail.ts';

/** Runs of a suite on a branch; the newest of them where there are more than are read. */
export type SuiteRuns = { suiteId: number; branchId: number; envIds: readonly number[] };

/** A case in a run. */
export type SeriesRun = {
  envId: number;
  buildId: number;
  at: number;
  verdict: Verdict;
  /** It says nothing of the test: the job failed by the lab's fault, or is a health check that nobody asked for. */
  isAside: boolean;
};

type Row = Omit<SeriesRun, 'verdict' | 'isAside'> & {
  shapeId: number;
  verdicts: Buffer;
  failureClass: number;
  healthCheck: number;
};

/** Runs and cases of shapes that are read for a suite on a branch. */
const MOST_RUNS = 20_000;
const MOST_CASES = 5_000_000;
/** Shapes unpacked at a time. */
const AT_ONCE = 16;

/** By case. */
export async function readSeriesRuns(
  store: Store,
  { suiteId, branchId, envIds }: SuiteRuns,
  caseIds: readonly number[],
  { from, until }: Span,
  includeHealthChecks: boolean,
): Promise<Map<number, SeriesRun[]>> {
  const rows = await store.sql.all<Row>(
    `SELECT h.env_id AS "envId", j.build_id AS "buildId", h.at, h.shape_id AS "shapeId", r.verdicts,
       j.failure_class AS "failureClass", j.health_check AS "healthCheck"
     FROM suite_history h JOIN job j ON j.id = h.job_id AND j.env_id = h.env_id
       JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord
     WHERE h.env_id IN ${LISTED[store.engine]} AND h.suite_id = ? AND h.branch_id = ? AND h.at >= ? AND h.at < ?
     ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC LIMIT ${MOST_RUNS}`,
    ...[idList(envIds), suiteId, branchId, from, until],
  );
  const places = await placesByShape(store, [...new Set(rows.map(({ shapeId }) => shapeId))], caseIds);
  const series = new Map<number, SeriesRun[]>(caseIds.map((id) => [id, []]));
  for (const { shapeId, verdicts, failureClass, healthCheck, ...run } of rows.reverse()) {
    const place = places.get(shapeId);
    if (!place || place.size === 0) continue;
    const found = new Map<number, Verdict>();
    for (const caseId of place.values()) found.set(caseId, PASS);
    eachNonPass(verdicts, (position, verdict) => {
      const caseId = place.get(position);
      if (caseId !== undefined) found.set(caseId, worseOf(found.get(caseId) ?? PASS, verdict));
    });
    const isLost = isInfrastructure(FailureClass.options[failureClass] ?? '');
    const isAside = isLost || (healthCheck === 1 && !includeHealthChecks);
    for (const [caseId, verdict] of found) series.get(caseId)?.push({ ...run, verdict, isAside });
  }
  return series;
}

/** Of each shape, where it has which of the cases; names that it alone keeps are compared as such. */
async function placesByShape(
  store: Store,
  shapeIds: readonly number[],
  caseIds: readonly number[],
): Promise<Map<number, Map<number, number>>> {
  const wanted = new Set(caseIds);
  const names = await namesOf(store, caseIds);
  const byName = new Map([...names].map(([id, name]: [number, CaseName]) => [caseKey(name), id]));
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
