/** Where tests began to fail: the changes of histories between two instants, never the results. */

import { eachChange } from './changes.ts';
import { FAIL } from './codec.ts';
import { dayOf } from './flip-day.ts';
import { SAME_PLACE } from './history-place.ts';
import { idList, LISTED } from './id-list.ts';
import type { Store } from './store.ts';
import { toStored } from './text.ts';

/** A case whose verdict turned to FAIL at a run. */
export type TurnToFail = { envId: number; suiteId: number; branchId: number; at: number; caseId: number };

/** Seconds, from the first up to before the last. */
export type Span = { from: number; until: number };

export type BranchFilter = { project?: string | null; branch?: string | null };

/** Of all tests, or of one. */
export type TurnFilter = BranchFilter & { caseId?: number | null };

const DAY = 86_400;
const MICROS = 1_000_000;
const PLACE = 'h.env_id = s.env_id AND h.suite_id = s.suite_id AND h.branch_id = s.branch_id';

/**
 * Runs at which a verdict changed, by the environments and days of which flips are counted: the cost is that of the runs
 * of these days, however many streams there are and however long nothing changes.
 */
const RUNS = 'job j CROSS JOIN suite_run r CROSS JOIN suite_history h';
const CHANGED = `j.env_id = f.env_id
  AND j.submit_at >= f.day * ${DAY * MICROS} AND j.submit_at < (f.day + 1) * ${DAY * MICROS}
  AND r.env_id = j.env_id AND r.job_id = j.id AND ${SAME_PLACE} AND length(h.changes) > 0`;

/** The part of the span from the first to the last change of its days; empty without any. */
export async function spanOfChanges(store: Store, envIds: readonly number[], span: Span): Promise<Span> {
  const days = [dayOf(span.from), dayOf(span.until)];
  const ends = await store.sql.get<{ first: number | null; last: number | null }>(
    `SELECT min((SELECT min(f.day) FROM flip_day f WHERE f.env_id = e.id AND f.day >= ? AND f.day <= ?)) AS first,
       max((SELECT max(f.day) FROM flip_day f WHERE f.env_id = e.id AND f.day >= ? AND f.day <= ?)) AS last
     FROM env e WHERE e.id IN ${LISTED[store.engine]}`,
    ...[...days, ...days, idList(envIds)],
  );
  const first = ends?.first == null ? null : await endOfDay(store, envIds, ends.first, 'first');
  const last = ends?.last == null ? null : await endOfDay(store, envIds, ends.last, 'last');
  if (first === null || last === null) return { from: span.until, until: span.until };
  return { from: Math.max(span.from, first), until: Math.min(span.until, last + 1) };
}

async function endOfDay(
  { sql, engine }: Store,
  envIds: readonly number[],
  day: number,
  end: 'first' | 'last',
): Promise<number | null> {
  const [most, order] = end === 'first' ? ['min', 'ASC'] : ['max', 'DESC'];
  const row = await sql.get<{ at: number | null }>(
    `SELECT ${most}((SELECT h.at FROM ${RUNS} WHERE ${CHANGED} ORDER BY j.submit_at ${order} LIMIT 1)) AS at
     FROM flip_day f WHERE f.env_id IN ${LISTED[engine]} AND f.day = ?`,
    ...[idList(envIds), day],
  );
  return row?.at ?? null;
}

/** Runs that are read at a time, and turns after which there is an end to it, with the second. */
export type TurnLimits = { runs: number; turns: number };
export const TURN_LIMITS: TurnLimits = { runs: 500, turns: 20_000 };

/** `reached`: the part of the span that was looked through; the rest has too many turns to be told at once. */
export type Turns = { turns: TurnToFail[]; reached: Span };

/** From the newest back, or from the oldest on. Of one second at least, however many there are. */
export async function listTurnsToFail(
  store: Store,
  envIds: readonly number[],
  filter: TurnFilter,
  span: Span,
  oldestFirst: boolean,
  limits = TURN_LIMITS,
): Promise<Turns> {
  let rows = await listChanges(store, envIds, filter, span, oldestFirst, limits.runs);
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return { turns: [], reached: span };
  const isCut = rows.length === limits.runs;
  // The second at which the limit cuts is not whole: where all are of it, it is read to its end.
  if (isCut && first.at === last.at) {
    rows = await listChanges(store, envIds, filter, { from: first.at, until: first.at + 1 }, oldestFirst, null);
  } else if (isCut) rows = rows.filter(({ at }) => at !== last.at);
  const turns: TurnToFail[] = [];
  let [end, isWhole]: [number, boolean] = [rows.at(-1)?.at ?? first.at, !isCut];
  for (const [i, { changes, ...place }] of rows.entries()) {
    const before = rows[i - 1];
    if (before && before.at !== place.at && turns.length >= limits.turns) {
      [end, isWhole] = [before.at, false];
      break;
    }
    eachChange(changes, (caseId, result) => {
      if (result === FAIL && (filter.caseId ?? caseId) === caseId) turns.push({ ...place, caseId });
    });
  }
  if (isWhole) return { turns, reached: span };
  return { turns, reached: oldestFirst ? { ...span, until: end + 1 } : { ...span, from: end } };
}

type ChangesRow = Omit<TurnToFail, 'caseId'> & { changes: Buffer };

async function listChanges(
  { sql, engine }: Store,
  envIds: readonly number[],
  { project, branch, caseId }: TurnFilter,
  { from, until }: Span,
  oldestFirst: boolean,
  limit: number | null,
): Promise<ChangesRow[]> {
  const order = oldestFirst ? 'ASC' : 'DESC';
  return sql.all<ChangesRow>(
    // What is put in order is narrow: changes are looked up for it.
    `SELECT s.env_id AS "envId", s.suite_id AS "suiteId", s.branch_id AS "branchId", s.at, h.changes
     FROM (SELECT h.env_id, h.suite_id, h.branch_id, h.at, h.number, h.job_id, h.ord
       FROM flip_day f CROSS JOIN ${RUNS}
       WHERE f.env_id IN ${LISTED[engine]} AND f.day >= ? AND f.day <= ? AND ${CHANGED}
         AND j.submit_at >= ? AND j.submit_at < ? AND j.branch_id IN (
           SELECT b.id FROM branch b JOIN project p ON p.id = b.project_id WHERE (p.slug = ? OR ? = 1) AND (b.name = ? OR ? = 1))
         AND (? = 1 OR r.suite_id = (SELECT c.suite_id FROM test_case c WHERE c.id = ?))
       ORDER BY h.at ${order}${limit === null ? '' : ` LIMIT ${limit}`}) s
     CROSS JOIN suite_history h
     WHERE ${PLACE} AND h.at = s.at AND h.number = s.number AND h.job_id = s.job_id AND h.ord = s.ord
     ORDER BY s.at ${order}`,
    ...[idList(envIds), dayOf(from), dayOf(until), from * MICROS, until * MICROS],
    ...[toStored(project ?? ''), project == null ? 1 : 0, toStored(branch ?? ''), branch == null ? 1 : 0],
    ...[caseId == null ? 1 : 0, caseId ?? 0],
  );
}
