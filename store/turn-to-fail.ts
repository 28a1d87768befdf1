/** Where tests began to fail: the changes of histories between two instants, never the results. */
import { FAIL } from './build-run.ts';
import { eachChange } from './changes.ts';
import { idList, LISTED } from './id-list.ts';
import type { Engine, Store } from './store.ts';
import { toStored } from './text.ts';

/** A case whose verdict turned to FAIL at a run. */
export type TurnToFail = { envId: number; suiteId: number; branchId: number; at: number; caseId: number };

/** Seconds, from the first up to before the last. */
export type Span = { from: number; until: number };

export type BranchFilter = { project?: string | null; branch?: string | null };

/** Of all tests, or of one. */
export type TurnFilter = BranchFilter & { caseId?: number | null };

/** Environments, suites and branches are found one by one, so that the cost is that of the streams and of the span. */
const NEXT_SUITE = 'SELECT min(h.suite_id) FROM suite_history h';
const NEXT_BRANCH = 'SELECT min(h.branch_id) FROM suite_history h';
export const STREAMS = (engine: Engine) => `WITH RECURSIVE suited (env_id, suite_id) AS (
    SELECT e.id, (${NEXT_SUITE} WHERE h.env_id = e.id) FROM env e WHERE e.id IN ${LISTED[engine]}
    UNION ALL
    SELECT s.env_id, (${NEXT_SUITE} WHERE h.env_id = s.env_id AND h.suite_id > s.suite_id) FROM suited s
    WHERE s.suite_id IS NOT NULL),
  stream (env_id, suite_id, branch_id) AS (
    SELECT s.env_id, s.suite_id, (${NEXT_BRANCH} WHERE h.env_id = s.env_id AND h.suite_id = s.suite_id) FROM suited s
    WHERE s.suite_id IS NOT NULL
    UNION ALL
    SELECT s.env_id, s.suite_id,
      (${NEXT_BRANCH} WHERE h.env_id = s.env_id AND h.suite_id = s.suite_id AND h.branch_id > s.branch_id)
    FROM stream s WHERE s.branch_id IS NOT NULL)`;
export const PLACE = 'h.env_id = s.env_id AND h.suite_id = s.suite_id AND h.branch_id = s.branch_id';

/** The part of the span in which there are runs, from the oldest to behind the newest; empty without any. */
export async function spanOfHistory({ sql, engine }: Store, envIds: readonly number[], span: Span): Promise<Span> {
  const ends = await sql.get<{ first: number | null; last: number | null }>(
    `${STREAMS(engine)}
     SELECT min((SELECT min(h.at) FROM suite_history h WHERE ${PLACE})) AS first,
       max((SELECT max(h.at) FROM suite_history h WHERE ${PLACE})) AS last
     FROM stream s WHERE s.branch_id IS NOT NULL`,
    idList(envIds),
  );
  if (ends?.first == null || ends.last == null) return { from: span.until, until: span.until };
  return { from: Math.max(span.from, ends.first), until: Math.min(span.until, ends.last + 1) };
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
  return sql.all<ChangesRow>(
    // What is put in order is narrow: changes are looked up for it.
    `${STREAMS(engine)},
     nearest AS (
       SELECT h.env_id, h.suite_id, h.branch_id, h.at, h.number, h.job_id, h.ord
       FROM stream s JOIN branch b ON b.id = s.branch_id JOIN project p ON p.id = b.project_id CROSS JOIN suite_history h
       WHERE (p.slug = ? OR ? = 1) AND (b.name = ? OR ? = 1) AND ${PLACE} AND h.at >= ? AND h.at < ?
         AND length(h.changes) > 0 AND (? = 1 OR h.suite_id = (SELECT c.suite_id FROM test_case c WHERE c.id = ?))
       ORDER BY h.at ${oldestFirst ? 'ASC' : 'DESC'}${limit === null ? '' : ` LIMIT ${limit}`})
     SELECT h.env_id AS "envId", h.suite_id AS "suiteId", h.branch_id AS "branchId", h.at, h.changes
     FROM nearest s CROSS JOIN suite_history h
     WHERE ${PLACE} AND h.at = s.at AND h.number = s.number AND h.job_id = s.job_id AND h.ord = s.ord
     ORDER BY h.at ${oldestFirst ? 'ASC' : 'DESC'}`,
    ...[
      idList(envIds),
      toStored(project ?? ''),
      project == null ? 1 : 0,
      toStored(branch ?? ''),
      branch == null ? 1 : 0,
    ],
    ...[from, until, caseId == null ? 1 : 0, caseId ?? 0],
  );
}
