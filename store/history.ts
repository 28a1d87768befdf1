/**
 * Transitions: a row where the verdict of a case differs from its run before, in the series (case, environment,
 * branch) ordered by submit time and the source's number of the job. A series begins as a pass. A run can come or go
 * anywhere in the order; the rows around it are mended, so that any order of arrival leaves the same table.
 */
import { digest, PASS, type Verdict } from './codec.ts';
import { insertRows } from './many-rows.ts';
import { nonPassByCase, type Shape, type Shapes } from './shape.ts';
import type { Sql } from './store.ts';

export type Run = {
  suiteId: number;
  branchId: number;
  envId: number;
  /** Submit time of the job, seconds. */
  at: number;
  /** See orderNumber. */
  number: number;
  jobId: number;
  ord: number;
  shapeId: number;
  verdicts: Uint8Array;
};

type Key = Pick<Run, 'at' | 'number' | 'jobId' | 'ord'>;
type HistoryRow = Key & { shapeId: number; verdicts: Buffer };

const IN_SERIES = 'case_id = ? AND env_id = ? AND branch_id = ?';
const IN_STREAM = 'h.suite_id = ? AND h.branch_id = ? AND h.env_id = ?';
const HISTORY = `SELECT h.at, h.number, h.job_id AS "jobId", h.ord, h.shape_id AS "shapeId", r.verdicts FROM suite_history h
  JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord WHERE ${IN_STREAM}`;
const BEFORE = `${HISTORY} AND (h.at, h.number, h.job_id, h.ord) < (?, ?, ?, ?) ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC LIMIT 1`;
const AFTER = `SELECT h.at, h.number, h.job_id AS "jobId", h.ord, h.shape_id AS "shapeId" FROM suite_history h WHERE ${IN_STREAM}
  AND (h.at, h.number, h.job_id, h.ord) > (?, ?, ?, ?) ORDER BY h.at, h.number, h.job_id, h.ord LIMIT 1`;

/**
 * Second key of every history: the source's own number of the job, so that jobs submitted in the same second have an
 * order that no arrival can change. A source whose ids are no numbers gets 48 bits of their hash.
 */
export function orderNumber(externalId: string): number {
  return /^(0|[1-9]\d{0,14})$/.test(externalId) ? Number(externalId) : digest(externalId).readUIntBE(0, 6);
}

/** Call after the run's row of suite_run is in place. */
export async function insertRun(sql: Sql, shapes: Shapes, run: Run): Promise<void> {
  await sql.run(
    'INSERT INTO suite_history (suite_id, branch_id, env_id, at, number, job_id, ord, shape_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    run.suiteId,
    run.branchId,
    run.envId,
    run.at,
    run.number,
    run.jobId,
    run.ord,
    run.shapeId,
  );
  const later = laterRuns(sql, shapes, run);
  const found = await changes(sql, shapes, run);
  await putAll(sql, run, found);
  for (const { caseId, before, now } of found) await relink(sql, run, caseId, await later(caseId), before, now);
}

/** Call while the run's row of suite_run is still in place. */
export async function removeRun(sql: Sql, shapes: Shapes, run: Run): Promise<void> {
  const later = laterRuns(sql, shapes, run);
  for (const { caseId, before, now } of await changes(sql, shapes, run)) {
    await drop(sql, run, caseId, run);
    await relink(sql, run, caseId, await later(caseId), now, before);
  }
  await sql.run(
    'DELETE FROM suite_history WHERE suite_id = ? AND branch_id = ? AND env_id = ? AND at = ? AND number = ? AND job_id = ? AND ord = ?',
    run.suiteId,
    run.branchId,
    run.envId,
    run.at,
    run.number,
    run.jobId,
    run.ord,
  );
}

type Change = { caseId: number; before: Verdict; now: Verdict };

/** So many earlier runs are looked through for cases the run before lacks (it was cut short, say). */
const LOOK_BACK = 4;

/** Cases of the run whose verdict is not the one that held before it. */
async function changes(sql: Sql, shapes: Shapes, run: Run): Promise<Change[]> {
  const shape = await shapes.get(run.shapeId);
  const now = nonPassByCase(shape, run.verdicts);
  const found: Change[] = [];
  const consider = (caseId: number, before: Verdict) => {
    const verdict = now.get(caseId) ?? PASS;
    if (verdict !== before) found.push({ caseId, before, now: verdict });
  };
  let open: Iterable<number> = shape.members;
  let key: Key = run;
  for (let back = 0; back < LOOK_BACK; back++) {
    const previous: HistoryRow | undefined = await sql.get(
      BEFORE,
      run.suiteId,
      run.branchId,
      run.envId,
      key.at,
      key.number,
      key.jobId,
      key.ord,
    );
    if (!previous) {
      // No run before: all began as passes, and only what does not pass now has changed.
      for (const caseId of open) if (now.has(caseId)) consider(caseId, PASS);
      return found;
    }
    const previousShape = await shapes.get(previous.shapeId);
    const then = nonPassByCase(previousShape, previous.verdicts);
    if (back === 0 && previous.shapeId === run.shapeId) {
      for (const caseId of union(now, then)) consider(caseId, then.get(caseId) ?? PASS);
      return found;
    }
    const left: number[] = [];
    for (const caseId of open) {
      if (previousShape.members.has(caseId)) consider(caseId, then.get(caseId) ?? PASS);
      else left.push(caseId);
    }
    if (left.length === 0) return found;
    open = left;
    key = previous;
  }
  for (const caseId of open) consider(caseId, await verdictBefore(sql, run, caseId));
  return found;
}

function* union(a: ReadonlyMap<number, Verdict>, b: ReadonlyMap<number, Verdict>): Iterable<number> {
  yield* a.keys();
  for (const key of b.keys()) if (!a.has(key)) yield key;
}

async function verdictBefore(sql: Sql, run: Run, caseId: number): Promise<Verdict> {
  const row = await sql.get<{ result: Verdict }>(
    `SELECT result FROM transition WHERE ${IN_SERIES} AND (at, number, job_id, ord) < (?, ?, ?, ?) ORDER BY at DESC, number DESC, job_id DESC, ord DESC LIMIT 1`,
    caseId,
    run.envId,
    run.branchId,
    run.at,
    run.number,
    run.jobId,
    run.ord,
  );
  return row?.result ?? PASS;
}

/** Finds the first later run that has a case; the runs are read once, as far as needed. */
function laterRuns(sql: Sql, shapes: Shapes, run: Run): (caseId: number) => Promise<Key | null> {
  const read: { key: Key; shape: Shape }[] = [];
  let last: Key | null = run;
  return async (caseId) => {
    for (const { key, shape } of read) if (await shapes.holds(shape, caseId)) return key;
    while (last) {
      const row: (Key & { shapeId: number }) | undefined = await sql.get(
        AFTER,
        run.suiteId,
        run.branchId,
        run.envId,
        last.at,
        last.number,
        last.jobId,
        last.ord,
      );
      last = row ?? null;
      if (!row) return null;
      const shape = await shapes.get(row.shapeId);
      read.push({ key: row, shape });
      if (await shapes.holds(shape, caseId)) return row;
    }
    return null;
  };
}

/** The verdict that holds when `key` is reached was `from` and is `to` now. */
async function relink(
  sql: Sql,
  series: Run,
  caseId: number,
  key: Key | null,
  from: Verdict,
  to: Verdict,
): Promise<void> {
  if (!key) return;
  const at = [caseId, series.envId, series.branchId, key.at, key.number, key.jobId, key.ord];
  const row = await sql.get<{ result: Verdict }>(
    `SELECT result FROM transition WHERE ${IN_SERIES} AND at = ? AND number = ? AND job_id = ? AND ord = ?`,
    ...at,
  );
  if (!row) await putAll(sql, series, [{ caseId, before: to, now: from }], key);
  else if (row.result === to) await drop(sql, series, caseId, key);
  else
    await sql.run(
      `UPDATE transition SET previous = ? WHERE ${IN_SERIES} AND at = ? AND number = ? AND job_id = ? AND ord = ?`,
      to,
      ...at,
    );
}

/** The changes as transitions at the run, or at the key; each case is there once. */
async function putAll(
  sql: Sql,
  { envId, branchId, ...run }: Run,
  found: readonly Change[],
  key: Key = run,
): Promise<void> {
  const { at, number, jobId, ord } = key;
  await insertRows(
    sql,
    'INSERT INTO transition (case_id, env_id, branch_id, at, number, job_id, ord, result, previous)',
    found.map(({ caseId, now, before }) => [caseId, envId, branchId, at, number, jobId, ord, now, before]),
  );
  await insertRows(
    sql,
    'INSERT INTO flip_day (env_id, day, case_id, flips)',
    found.map(({ caseId }) => [envId, day(key), caseId, 1]),
    'ON CONFLICT (env_id, day, case_id) DO UPDATE SET flips = flip_day.flips + 1',
  );
}

async function drop(sql: Sql, { envId, branchId }: Run, caseId: number, key: Key): Promise<void> {
  await sql.run(
    `DELETE FROM transition WHERE ${IN_SERIES} AND at = ? AND number = ? AND job_id = ? AND ord = ?`,
    caseId,
    envId,
    branchId,
    key.at,
    key.number,
    key.jobId,
    key.ord,
  );
  await sql.run(
    'UPDATE flip_day SET flips = flips - 1 WHERE env_id = ? AND day = ? AND case_id = ?',
    envId,
    day(key),
    caseId,
  );
  await sql.run(
    'DELETE FROM flip_day WHERE env_id = ? AND day = ? AND case_id = ? AND flips = 0',
    envId,
    day(key),
    caseId,
  );
}

function day(key: Key): number {
  return Math.floor(key.at / 86_400);
}
