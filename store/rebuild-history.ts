/** Makes histories, changes and flips what the suite runs say they should be, and tells what they were. */
import { type Change, isFlip, packChanges } from './changes.ts';
import { PASS, type Verdict } from './codec.ts';
import { dayOf, FLIP_DAY, type Flips, packFlips } from './flip-day.ts';
import { floored, SAME_PLACE } from './history-place.ts';
import { mendPacked } from './packed-row.ts';
import type { Difference } from './rebuild-rollups.ts';
import { nonPassByCase, type Shapes } from './shape.ts';
import type { Sql } from './store.ts';

const PAGE = 500;

type Stream = { suiteId: number; branchId: number };
type Key = { at: number; number: number; jobId: number; ord: number };
/** A run, what is stored of its changes, and what they are. */
type Walked = { key: Key; stored: Buffer | null; changes: Change[] };

/** A run of a job that has a branch and its single results belongs into the history of its suite. */
const BELONGS = `FROM job j JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id AND r.is_steps = 0
  WHERE j.branch_id IS NOT NULL AND j.results_removed_at IS NULL`;

/** The histories of one environment, and the flips they make. */
export async function mendHistories(sql: Sql, envId: number, shapes: Shapes): Promise<Difference[]> {
  const missing = await mendMissingRuns(sql, envId);
  const { extra, wrong } = await mendExtraRuns(sql, envId);
  const streams = await sql.all<Stream>(
    'SELECT DISTINCT suite_id AS "suiteId", branch_id AS "branchId" FROM suite_history WHERE env_id = ?',
    envId,
  );
  const flips = new Map<number, Flips>();
  let changed = 0;
  for (const stream of streams) changed += await mendStream(sql, shapes, envId, stream, flips);
  const days = new Map([...flips].map(([day, ofDay]) => [day, packFlips(ofDay)]));
  return [
    { table: 'suite_history', missing, extra, wrong: wrong + changed },
    await mendPacked(sql, FLIP_DAY, envId, days),
  ];
}

async function mendMissingRuns(sql: Sql, envId: number): Promise<number> {
  const missing = `${BELONGS} AND j.env_id = ? AND NOT EXISTS (SELECT 1 FROM suite_history h WHERE ${SAME_PLACE})`;
  const n = await count(sql, missing, envId);
  if (n > 0) {
    await sql.run(
      `INSERT INTO suite_history (env_id, suite_id, branch_id, at, number, job_id, ord, shape_id)
       SELECT j.env_id, r.suite_id, j.branch_id, ${floored('j.submit_at', 1_000_000)}, j.number, j.id, r.ord, r.shape_id ${missing}`,
      envId,
    );
  }
  return n;
}

async function mendExtraRuns(sql: Sql, envId: number): Promise<{ extra: number; wrong: number }> {
  const belongs = `SELECT 1 ${BELONGS} AND j.id = suite_history.job_id AND r.ord = suite_history.ord
    AND ${SAME_PLACE.replaceAll('h.', 'suite_history.')}`;
  const extra = await count(sql, `FROM suite_history WHERE env_id = ? AND NOT EXISTS (${belongs})`, envId);
  if (extra > 0) await sql.run(`DELETE FROM suite_history WHERE env_id = ? AND NOT EXISTS (${belongs})`, envId);
  const otherShape = `EXISTS (${belongs} AND r.shape_id <> suite_history.shape_id)`;
  const wrong = await count(sql, `FROM suite_history WHERE env_id = ? AND ${otherShape}`, envId);
  if (wrong > 0) {
    await sql.run(
      `UPDATE suite_history SET shape_id = (SELECT r.shape_id FROM suite_run r WHERE r.env_id = suite_history.env_id
         AND r.job_id = suite_history.job_id AND r.ord = suite_history.ord) WHERE env_id = ? AND ${otherShape}`,
      envId,
    );
  }
  return { extra, wrong };
}

async function count(sql: Sql, what: string, envId: number): Promise<number> {
  return (await sql.get<{ n: number }>(`SELECT count(*) AS n ${what}`, envId))?.n ?? 0;
}

/** How many runs had other changes than they have; what never was found is not wrong. Adds the flips of the stream. */
async function mendStream(
  sql: Sql,
  shapes: Shapes,
  envId: number,
  stream: Stream,
  flips: Map<number, Flips>,
): Promise<number> {
  let wrong = 0;
  for await (const { key, stored, changes } of walk(sql, shapes, envId, stream)) {
    const ofDay: Flips = flips.get(dayOf(key.at)) ?? new Map();
    for (const { caseId } of changes.filter(isFlip)) ofDay.set(caseId, (ofDay.get(caseId) ?? 0) + 1);
    if (ofDay.size > 0) flips.set(dayOf(key.at), ofDay);
    const should = packChanges(changes);
    if (stored?.equals(should)) continue;
    if (stored) wrong += 1;
    await sql.run(
      `UPDATE suite_history SET changes = ? WHERE env_id = ? AND suite_id = ? AND branch_id = ? AND at = ? AND number = ?
         AND job_id = ? AND ord = ?`,
      ...[should, envId, stream.suiteId, stream.branchId, key.at, key.number, key.jobId, key.ord],
    );
  }
  return wrong;
}

/** The runs of a stream in their order, each with its changes as the verdicts up to it make them. */
async function* walk(sql: Sql, shapes: Shapes, envId: number, stream: Stream): AsyncGenerator<Walked> {
  const failing = new Map<number, Verdict>();
  let after: Key = { at: Number.MIN_SAFE_INTEGER, number: 0, jobId: 0, ord: 0 };
  while (true) {
    const runs = await sql.all<Key & { stored: Buffer | null; shapeId: number; verdicts: Buffer }>(
      `SELECT h.at, h.number, h.job_id AS "jobId", h.ord, h.changes AS stored, r.shape_id AS "shapeId", r.verdicts
       FROM suite_history h JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord
       WHERE h.env_id = ? AND h.suite_id = ? AND h.branch_id = ? AND (h.at, h.number, h.job_id, h.ord) > (?, ?, ?, ?)
       ORDER BY h.at, h.number, h.job_id, h.ord LIMIT ${PAGE}`,
      ...[envId, stream.suiteId, stream.branchId, after.at, after.number, after.jobId, after.ord],
    );
    for (const { shapeId, verdicts, stored, ...key } of runs) {
      const shape = await shapes.get(shapeId);
      const now = nonPassByCase(shape, verdicts);
      const changes: Change[] = [];
      for (const [caseId, result] of now) {
        const previous = failing.get(caseId) ?? PASS;
        failing.set(caseId, result);
        if (result !== previous) changes.push({ caseId, result, previous });
      }
      for (const [caseId, previous] of failing) {
        if (now.has(caseId) || !(await shapes.holds(shape, caseId))) continue;
        failing.delete(caseId);
        changes.push({ caseId, result: PASS, previous });
      }
      yield { key, stored, changes };
      after = key;
    }
    if (runs.length < PAGE) return;
  }
}
