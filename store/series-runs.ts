/** What some cases of a suite came to in each of its runs, oldest first. */
import { setImmediate } from 'node:timers/promises';
import { isInfrastructure } from '#analysis/failure-class.ts';
import { isInfrastructureBatch } from '#analysis/infrastructure-batch.ts';
import { FailureClass } from '#schema/records.ts';
import { caseKey, eachNonPass, PASS, RESULTS, type Verdict, worseOf } from './codec.ts';
import { idList, LISTED } from './id-list.ts';
import { namesOf, unpackShapes } from './read-shape.ts';
import type { Store } from './store.ts';
import type { Span } from './turn-to-fail.ts';

/** Of a suite in environments, on a branch or on all. `kindOf`: what runs of an environment are asked for by. */
export type SuiteStreams = {
  suiteId: number;
  envIds: readonly number[];
  branchId: number | null;
  kindOf?: (envId: number) => number;
};

/** A case in a run. */
export type SeriesRun = {
  envId: number;
  branchId: number;
  buildId: number;
  jobId: number;
  deviceId: number | null;
  at: number;
  verdict: Verdict;
  /** The job failed by the lab's fault: it says nothing of the test. */
  isLost: boolean;
  /** Nearly all that the job ran failed together. */
  isBatch: boolean;
  isHealthCheck: boolean;
};

/** Of one kind, or all. */
export type RunsOf = (kind?: number) => SeriesRun[];

export type SuiteSeries = {
  /** Builds of the runs. */
  buildIds: Set<number>;
  /** There are more runs, or cases in their shapes, than are read. */
  isCut: boolean;
  /** Once for all cases that came to the same in every run, so that the runs of all are never held together. */
  visit: (visitor: (caseIds: number[], runsOf: RunsOf) => void) => Promise<void>;
};

/** What is read for a suite at most: runs on either side of the pivot, cases of their shapes, verdicts held at a time. */
export type SeriesLimits = { runs: number; cases: number; cells: number };
export const SERIES_LIMITS: SeriesLimits = { runs: 10_000, cases: 5_000_000, cells: 8_000_000 };

/** Shapes unpacked at a time. */
const AT_ONCE = 16;
const NEXT = 'SELECT min(h.branch_id) FROM suite_history h WHERE h.suite_id = ?';
/** In the place of a verdict. */
const ABSENT = 255;

/** `pivot`: where there are more runs than are read, those nearest to this instant are. */
export async function readSeriesRuns(
  store: Store,
  streams: SuiteStreams,
  caseIds: readonly number[],
  { from, until, pivot }: Span & { pivot: number },
  limits = SERIES_LIMITS,
): Promise<SuiteSeries> {
  const before = await listRuns(store, streams, { from, until: pivot }, 'DESC', limits.runs + 1);
  const after = pivot < until ? await listRuns(store, streams, { from: pivot, until }, 'ASC', limits.runs + 1) : [];
  const rows = [...before.slice(0, limits.runs).reverse(), ...after.slice(0, limits.runs)];
  const nearest = rows.toSorted((a, b) => Math.abs(a.at - pivot) - Math.abs(b.at - pivot));
  const shapeIds = [...new Set(nearest.map(({ shapeId }) => shapeId))];
  const places = await placesByShape(store, shapeIds, caseIds, limits.cases);
  const runs = rows.flatMap((row) => {
    const of = places.get(row.shapeId);
    return of && of.indices.length > 0 ? [{ ...of, verdicts: row.verdicts, as: toRuns(row) }] : [];
  });
  const { kindOf = () => 0 } = streams;
  const all = [...runs.keys()];
  const byKind = Map.groupBy(all, (n) => kindOf(runs[n]?.as[PASS]?.envId ?? 0));
  return {
    buildIds: new Set(rows.map(({ buildId }) => buildId)),
    isCut: before.length > limits.runs || after.length > limits.runs || places.size < shapeIds.length,
    async visit(visitor) {
      const chunk = Math.max(1, Math.floor(limits.cells / Math.max(1, runs.length)));
      for (let first = 0; first < caseIds.length; first += chunk) {
        if (first > 0) await setImmediate();
        const ids = caseIds.slice(first, first + chunk);
        const cells = fillCells(runs, first, ids.length);
        const rows = Map.groupBy(ids.keys(), (i) => cells.toString('latin1', i * runs.length, (i + 1) * runs.length));
        for (const [row, ofRow] of rows) {
          const runsOf: RunsOf = (kind) => {
            const found: SeriesRun[] = [];
            for (const n of kind === undefined ? all : (byKind.get(kind) ?? [])) {
              const run = runs[n]?.as[row.charCodeAt(n)];
              if (run) found.push(run);
            }
            return found;
          };
          visitor(
            ofRow.flatMap((i) => ids[i] ?? []),
            runsOf,
          );
        }
      }
    },
  };
}

type Row = Omit<SeriesRun, 'verdict' | 'isLost' | 'isBatch' | 'isHealthCheck'> & {
  shapeId: number;
  verdicts: Buffer;
  failureClass: number;
  healthCheck: number;
  pass: number;
  fail: number;
};

async function listRuns(
  store: Store,
  { suiteId, envIds, branchId }: SuiteStreams,
  { from, until }: Span,
  order: 'ASC' | 'DESC',
  limit: number,
): Promise<Row[]> {
  return store.sql.all<Row>(
    `WITH RECURSIVE stream (env_id, branch_id) AS (
       SELECT e.id, (${NEXT} AND h.env_id = e.id) FROM env e WHERE e.id IN ${LISTED[store.engine]}
       UNION ALL
       SELECT s.env_id, (${NEXT} AND h.env_id = s.env_id AND h.branch_id > s.branch_id) FROM stream s
       WHERE s.branch_id IS NOT NULL)
     SELECT h.env_id AS "envId", h.branch_id AS "branchId", j.build_id AS "buildId", h.job_id AS "jobId",
       j.device_id AS "deviceId", h.at, h.shape_id AS "shapeId", r.verdicts, j.failure_class AS "failureClass", j.health_check AS "healthCheck", j.pass, j.fail
     FROM stream s CROSS JOIN suite_history h JOIN job j ON j.id = h.job_id AND j.env_id = h.env_id
       JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord
     WHERE (s.branch_id = ? OR ? = 1) AND h.env_id = s.env_id AND h.suite_id = ? AND h.branch_id = s.branch_id
       AND h.at >= ? AND h.at < ?
     ORDER BY h.at ${order}, h.number ${order}, h.job_id ${order}, h.ord ${order} LIMIT ?`,
    ...[suiteId, idList(envIds), suiteId, branchId ?? 0, branchId === null ? 1 : 0, suiteId, from, until, limit],
  );
}

/** By verdict: a run is one object for all cases of which it says the same. */
function toRuns({ shapeId: _, verdicts: __, failureClass, healthCheck, pass, fail, ...place }: Row): SeriesRun[] {
  const facts = {
    isLost: isInfrastructure(FailureClass.options[failureClass] ?? ''),
    isBatch: isInfrastructureBatch({ pass, fail }),
    isHealthCheck: healthCheck === 1,
  };
  return RESULTS.map((_result, verdict) => ({ ...place, ...facts, verdict }));
}

/** Of a shape: which of the cases each position has (-1: none of them), and those that there are. */
type Places = { positions: Int32Array; indices: Int32Array };

/** The verdicts of some of the cases, all runs of one after all of the one before. */
function fillCells(runs: readonly (Places & { verdicts: Buffer })[], first: number, count: number): Buffer {
  const cells = Buffer.alloc(count * runs.length, ABSENT);
  for (const [n, { positions, indices, verdicts }] of runs.entries()) {
    const isIn = (index: number) => index >= first && index < first + count;
    for (const index of indices) if (isIn(index)) cells[(index - first) * runs.length + n] = PASS;
    eachNonPass(verdicts, (position, verdict) => {
      const index = positions[position] ?? -1;
      if (!isIn(index)) return;
      const cell = (index - first) * runs.length + n;
      cells[cell] = worseOf(cells[cell] ?? PASS, verdict);
    });
  }
  return cells;
}

/** Of as many shapes as hold few enough cases, in the order given; names that a shape alone keeps are compared as such. */
async function placesByShape(
  store: Store,
  shapeIds: readonly number[],
  caseIds: readonly number[],
  most: number,
): Promise<Map<number, Places>> {
  const indexOf = new Map(caseIds.map((id, index) => [id, index]));
  const names = await namesOf(store, caseIds);
  const byName = new Map([...names].map(([id, name]) => [caseKey(name), indexOf.get(id) ?? -1]));
  const places = new Map<number, Places>();
  let cases = 0;
  for (let at = 0; at < shapeIds.length && cases <= most; at += AT_ONCE) {
    if (at > 0) await setImmediate();
    for (const { id, ids, looseNames } of await unpackShapes(store.sql, shapeIds.slice(at, at + AT_ONCE))) {
      cases += ids.length;
      const positions = ids.map((caseId) => indexOf.get(caseId) ?? -1);
      let position = -1;
      for (const name of looseNames()) {
        position = ids.indexOf(0, position + 1);
        positions[position] = byName.get(caseKey(name)) ?? -1;
      }
      places.set(id, { positions, indices: positions.filter((index) => index >= 0) });
    }
  }
  return places;
}
