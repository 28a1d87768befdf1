/**
 * Histories: the runs of a suite in a stream (environment, suite, branch), ordered by submit time and the source's
 * number of the job, each with the cases whose verdict changed there. A series (a case in a stream) begins as a pass.
 * A run can come or go anywhere in the order; the runs behind it are mended, so that any order of arrival leaves the
 * same table.
 */
import { type Change, eachChange, packChanges, type Turn, turned, unpackChanges } from './changes.ts';
import { digest, PASS, type Verdict } from './codec.ts';
import { dayOf, moveFlips } from './flip-day.ts';
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

const IN_STREAM = 'h.env_id = ? AND h.suite_id = ? AND h.branch_id = ?';
const KEY = 'h.at, h.number, h.job_id AS "jobId", h.ord';
const NEWEST_FIRST = 'ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC';
const PRECEDES = '(h.at, h.number, h.job_id, h.ord) < (?, ?, ?, ?)';
const BEFORE = `SELECT ${KEY}, h.shape_id AS "shapeId", r.verdicts FROM suite_history h
  JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord
  WHERE ${IN_STREAM} AND ${PRECEDES} ${NEWEST_FIRST} LIMIT 1`;
const AFTER = `SELECT ${KEY}, h.shape_id AS "shapeId", h.changes FROM suite_history h WHERE ${IN_STREAM}
  AND (h.at, h.number, h.job_id, h.ord) > (?, ?, ?, ?) ORDER BY h.at, h.number, h.job_id, h.ord LIMIT 1`;
/** Changes read at a time. */
const PAGE = 200;
const CHANGES_BEFORE = `SELECT ${KEY}, h.changes FROM suite_history h WHERE ${IN_STREAM} AND ${PRECEDES} ${NEWEST_FIRST} LIMIT ${PAGE}`;
const THE_RUN = `env_id = ? AND suite_id = ? AND branch_id = ? AND at = ? AND number = ? AND job_id = ? AND ord = ?`;

/**
 * Second key of every history: the source's own number of the job, so that jobs submitted in the same second have an
 * order that no arrival can change. A source whose ids are no numbers gets 48 bits of their hash.
 */
export function orderNumber(externalId: string): number {
  return /^(0|[1-9]\d{0,14})$/.test(externalId) ? Number(externalId) : digest(externalId).readUIntBE(0, 6);
}

/** Call after the run's row of suite_run is in place. */
export async function insertRun(sql: Sql, shapes: Shapes, run: Run): Promise<void> {
  const changes = await changesAt(sql, shapes, run);
  await sql.run(
    'INSERT INTO suite_history (env_id, suite_id, branch_id, at, number, job_id, ord, shape_id, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ...keyOf(run),
    run.shapeId,
    packChanges(changes),
  );
  await moveFlips(sql, run.envId, dayOf(run.at), [], changes);
  const turns = changes.map(({ caseId, previous, result }) => ({ caseId, from: previous, to: result }));
  await turnLater(sql, shapes, run, turns);
}

export async function removeRun(sql: Sql, shapes: Shapes, run: Run): Promise<void> {
  const row = await sql.get<{ changes: Buffer | null }>(
    `DELETE FROM suite_history WHERE ${THE_RUN} RETURNING changes`,
    ...keyOf(run),
  );
  const changes = row?.changes ? unpackChanges(row.changes) : [];
  await moveFlips(sql, run.envId, dayOf(run.at), changes, []);
  const turns = changes.map(({ caseId, previous, result }) => ({ caseId, from: result, to: previous }));
  await turnLater(sql, shapes, run, turns);
}

function streamOf({ envId, suiteId, branchId }: Run): number[] {
  return [envId, suiteId, branchId];
}

function placeOf({ at, number, jobId, ord }: Key): number[] {
  return [at, number, jobId, ord];
}

function keyOf(run: Run, key: Key = run): number[] {
  return [...streamOf(run), ...placeOf(key)];
}

/** So many earlier runs are looked through for cases the run before lacks (it was cut short, say). */
const LOOK_BACK = 4;

/** Cases of the run whose verdict is not the one that held before it. */
async function changesAt(sql: Sql, shapes: Shapes, run: Run): Promise<Change[]> {
  const shape = await shapes.get(run.shapeId);
  const now = nonPassByCase(shape, run.verdicts);
  const found: Change[] = [];
  const consider = (caseId: number, previous: Verdict) => {
    const result = now.get(caseId) ?? PASS;
    if (result !== previous) found.push({ caseId, result, previous });
  };
  let open: Iterable<number> = shape.members;
  let key: Key = run;
  for (let back = 0; back < LOOK_BACK; back++) {
    const previous: (Key & { shapeId: number; verdicts: Buffer }) | undefined = await sql.get(
      BEFORE,
      ...keyOf(run, key),
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
  const held = await verdictsBefore(sql, run, key, new Set(open));
  for (const caseId of open) consider(caseId, held.get(caseId) ?? PASS);
  return found;
}

function* union(a: ReadonlyMap<number, Verdict>, b: ReadonlyMap<number, Verdict>): Iterable<number> {
  yield* a.keys();
  for (const key of b.keys()) if (!a.has(key)) yield key;
}

/** Verdicts that held before the key, by the newest change of each case; one that never changed is left out. */
async function verdictsBefore(sql: Sql, run: Run, before: Key, cases: Set<number>): Promise<Map<number, Verdict>> {
  const held = new Map<number, Verdict>();
  let key = before;
  while (held.size < cases.size) {
    const rows: (Key & { changes: Buffer | null })[] = await sql.all(CHANGES_BEFORE, ...keyOf(run, key));
    for (const row of rows) {
      if (row.changes === null) continue;
      eachChange(row.changes, (caseId, result) => {
        if (cases.has(caseId) && !held.has(caseId)) held.set(caseId, result);
      });
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    key = last;
  }
  return held;
}

type LaterRun = { key: Key; shape: Shape; changes: Buffer | null; turns: Turn[] };

/** Each case's next run behind this one learns what holds before it. */
async function turnLater(sql: Sql, shapes: Shapes, run: Run, turns: readonly Turn[]): Promise<void> {
  const read: LaterRun[] = [];
  let isEnd = false;
  const next = async (): Promise<LaterRun | null> => {
    if (isEnd) return null;
    const row: (Key & { shapeId: number; changes: Buffer | null }) | undefined = await sql.get(
      AFTER,
      ...keyOf(run, read.at(-1)?.key),
    );
    if (!row) {
      isEnd = true;
      return null;
    }
    const found = { key: row, shape: await shapes.get(row.shapeId), changes: row.changes, turns: [] };
    read.push(found);
    return found;
  };
  const nextWith = async (caseId: number): Promise<LaterRun | null> => {
    for (const later of read) if (await shapes.holds(later.shape, caseId)) return later;
    for (let later = await next(); later; later = await next()) {
      if (await shapes.holds(later.shape, caseId)) return later;
    }
    return null;
  };
  for (const turn of turns) (await nextWith(turn.caseId))?.turns.push(turn);
  for (const { key, changes, turns: here } of read) {
    if (here.length === 0) continue;
    const before = changes ? unpackChanges(changes) : [];
    const now = turned(before, here);
    await sql.run(`UPDATE suite_history SET changes = ? WHERE ${THE_RUN}`, packChanges(now), ...keyOf(run, key));
    await moveFlips(sql, run.envId, dayOf(key.at), before, now);
  }
}
