/** Where else a suite ran around a failure: streams, each an environment and a branch. */
import type { SubjectJob } from './attribution-subject.ts';
import type { EnvironmentRow } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import type { Store } from './store.ts';
import type { Span } from './turn-to-fail.ts';

export type Stream = { envId: number; branchId: number };

/** Streams that are read for a failure; environments that are looked at for them; of each the newest branches. */
const STREAMS = 64;
const ENVIRONMENTS = 64;
const BRANCHES = 16;

const NEXT = 'SELECT max(h.branch_id) FROM suite_history h WHERE h.suite_id = ?';
// A value and not EXISTS, so that no planner reads the histories of all to join them.
const RAN = `(SELECT 1 FROM suite_history h WHERE h.suite_id = ? AND h.at > ? AND h.at <= ?`;

/** Of the failure's branch first, then of its project, then of others; of each those on its device type first. */
export async function listStreams(
  store: Store,
  environments: readonly EnvironmentRow[],
  { projectId, branchId, deviceTypeId }: SubjectJob,
  suiteId: number,
  { from, until }: Span,
): Promise<Stream[]> {
  if (branchId === null) return [];
  const rows = await store.sql.all<{ envId: number; isOwn: number | null }>(
    `SELECT e.id AS "envId", ${RAN} AND h.env_id = e.id AND h.branch_id = ? LIMIT 1) AS "isOwn"
     FROM env e WHERE e.id IN ${LISTED[store.engine]} AND (${NEXT} AND h.env_id = e.id) IS NOT NULL`,
    ...[suiteId, from, until, branchId, idList(environments.map(({ id }) => id)), suiteId],
  );
  const owns = new Map(rows.map(({ envId, isOwn }) => [envId, isOwn === 1]));
  const alike = new Set(environments.filter((row) => row.deviceTypeId === deviceTypeId).map(({ id }) => id));
  const near = environments
    .map(({ id }) => id)
    .filter((id) => owns.has(id))
    .toSorted((a, b) => Number(alike.has(b)) - Number(alike.has(a)));
  const own = near.filter((id) => owns.get(id)).map((envId) => ({ envId, branchId }));
  if (own.length >= STREAMS) return own.slice(0, STREAMS);
  const place = new Map(near.slice(0, ENVIRONMENTS).map((id, i) => [id, i]));
  const others = await store.sql.all<Stream & { projectId: number }>(
    `WITH RECURSIVE stream (env_id, branch_id, number) AS (
       SELECT e.id, (${NEXT} AND h.env_id = e.id), 1 FROM env e WHERE e.id IN ${LISTED[store.engine]}
       UNION ALL
       SELECT s.env_id, (${NEXT} AND h.env_id = s.env_id AND h.branch_id < s.branch_id), s.number + 1 FROM stream s
       WHERE s.branch_id IS NOT NULL AND s.number < ${BRANCHES})
     SELECT s.env_id AS "envId", s.branch_id AS "branchId", b.project_id AS "projectId"
     FROM stream s JOIN branch b ON b.id = s.branch_id
     WHERE s.branch_id <> ? AND ${RAN} AND h.env_id = s.env_id AND h.branch_id = s.branch_id LIMIT 1) = 1`,
    ...[suiteId, idList(place.keys()), suiteId, branchId, suiteId, from, until],
  );
  others.sort(
    (a, b) =>
      Number(b.projectId === projectId) - Number(a.projectId === projectId) ||
      Number(alike.has(b.envId)) - Number(alike.has(a.envId)) ||
      b.branchId - a.branchId ||
      (place.get(a.envId) ?? 0) - (place.get(b.envId) ?? 0),
  );
  return [...own, ...others].slice(0, STREAMS).map(({ envId, branchId }) => ({ envId, branchId }));
}
