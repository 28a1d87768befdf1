/** Where tests began to fail: the changes of histories between two instants, never the results. */
import { FAIL } from './build-run.ts';
import { eachChange } from './changes.ts';
import { idList, LISTED } from './id-list.ts';
import type { Store } from './store.ts';
import { toStored } from './text.ts';

/** A case whose verdict turned to FAIL at a run. */
export type TurnToFail = { envId: number; suiteId: number; branchId: number; at: number; caseId: number };

/** Seconds, from the first up to before the last. */
export type Span = { from: number; until: number };

export type BranchFilter = { project?: string | null; branch?: string | null };

/** Environments, suites and branches are found one by one, so that the cost is that of the streams and of the span. */
const NEXT_SUITE = 'SELECT min(h.suite_id) FROM suite_history h';
const NEXT_BRANCH = 'SELECT min(h.branch_id) FROM suite_history h';

export async function listTurnsToFail(
  { sql, engine }: Store,
  envIds: readonly number[],
  { project, branch }: BranchFilter,
  { from, until }: Span,
): Promise<TurnToFail[]> {
  const rows = await sql.all<Omit<TurnToFail, 'caseId'> & { changes: Buffer }>(
    `WITH RECURSIVE suited (env_id, suite_id) AS (
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
       FROM stream s WHERE s.branch_id IS NOT NULL)
     SELECT h.env_id AS "envId", h.suite_id AS "suiteId", h.branch_id AS "branchId", h.at, h.changes
     FROM stream s JOIN branch b ON b.id = s.branch_id JOIN project p ON p.id = b.project_id CROSS JOIN suite_history h
     WHERE (p.slug = ? OR ? = 1) AND (b.name = ? OR ? = 1)
       AND h.env_id = s.env_id AND h.suite_id = s.suite_id AND h.branch_id = s.branch_id AND h.at >= ? AND h.at < ?
       AND length(h.changes) > 0`,
    ...[
      idList(envIds),
      toStored(project ?? ''),
      project == null ? 1 : 0,
      toStored(branch ?? ''),
      branch == null ? 1 : 0,
    ],
    ...[from, until],
  );
  const turns: TurnToFail[] = [];
  for (const { changes, ...place } of rows) {
    eachChange(changes, (caseId, result) => {
      if (result === FAIL) turns.push({ ...place, caseId });
    });
  }
  return turns;
}
