/** Runs of a suite over environments and branches, newest first, as far back as somebody wants them. */
import type { Scope } from './environment.ts';
import type { Store } from './store.ts';
import { secondOf } from './stored-job.ts';
import { toStored } from './text.ts';

export type HistoryRun = {
  envId: number;
  branchId: number;
  /** Submit time of the job, seconds. */
  at: number;
  number: number;
  jobId: number;
  ord: number;
  shapeId: number;
  buildId: number;
  /** Place in FailureClass. */
  failureClass: number;
  verdicts: Buffer;
};

export type SuiteOfProject = { suiteId: number; project: string; branch?: string | null };

/** Rows of one query. */
const PAGE = 2_000;
/** Runs of the busiest stream on the first page. */
const FIRST_REACH = 8;
const FAR = Number.MAX_SAFE_INTEGER;

/** Pages, each older than the one before; `growth` says how many times as far back as before the next is to reach. */
export async function* listNewestRuns(
  store: Store,
  suite: SuiteOfProject,
  allEnvIds: readonly number[],
  { since, until, includeHealthChecks }: Scope,
  growth: () => number,
): AsyncGenerator<HistoryRun[]> {
  const streams = await listStreams(store, suite, allEnvIds);
  if (streams.length === 0) return;
  const [envIds, branchIds] = [new Set(streams.map((s) => s.envId)), new Set(streams.map((s) => s.branchId))];
  const [envs, branches] = [envIds, branchIds].map((ids) => [...ids].map(() => '?').join(', '));
  const readPage = (from: number, before: readonly number[]) =>
    store.sql.all<HistoryRun>(
      // What is put in order is narrow: verdicts are looked up for it.
      `SELECT p.*, (SELECT r.verdicts FROM suite_run r
         WHERE r.env_id = p."envId" AND r.job_id = p."jobId" AND r.ord = p.ord) AS verdicts
       FROM (SELECT h.env_id AS "envId", h.branch_id AS "branchId", h.at, h.number, h.job_id AS "jobId", h.ord,
           h.shape_id AS "shapeId", j.build_id AS "buildId",
           j.failure_class AS "failureClass"
         FROM suite_history h JOIN job j ON j.id = h.job_id AND j.env_id = h.env_id
         WHERE h.env_id IN (${envs}) AND h.suite_id = ? AND h.branch_id IN (${branches}) AND h.at >= ? AND h.at <= ?
           AND (h.at, h.number, h.job_id, h.ord) < (?, ?, ?, ?) AND j.submit_at >= ? AND j.submit_at < ?
           AND (j.health_check = 0 OR ? = 1)
         ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC LIMIT ${PAGE}) p`,
      ...[...envIds, suite.suiteId, ...branchIds, from, before[0] ?? FAR, ...before],
      ...[since ?? -FAR, until ?? FAR, includeHealthChecks ? 1 : 0],
    );
  const end = until == null ? FAR : secondOf(until) + 1;
  let before = [end, 0, 0, 0];
  for (let reach = FIRST_REACH; ; reach = Math.ceil(reach * Math.min(4, Math.max(1.25, growth())))) {
    // Behind it no stream has more than `reach` runs, but for those of the same second.
    const cut = await store.sql.get<{ at: number | null }>(
      `SELECT max((SELECT h.at FROM suite_history h WHERE h.env_id = e.id AND h.suite_id = ? AND h.branch_id = b.id AND h.at < ?
         ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC LIMIT 1 OFFSET ?)) AS at
       FROM env e CROSS JOIN branch b WHERE e.id IN (${envs}) AND b.id IN (${branches})`,
      ...[suite.suiteId, end, reach, ...envIds, ...branchIds],
    );
    const from = cut?.at ?? -FAR;
    for (let runs: HistoryRun[] = []; ; ) {
      runs = await readPage(from, before);
      yield runs;
      const last = runs.at(-1);
      if (!last || runs.length < PAGE) break;
      before = [last.at, last.number, last.jobId, last.ord];
    }
    if (from <= (since == null ? -FAR : secondOf(since))) return;
    before = [from, 0, 0, 0];
  }
}

type Stream = { envId: number; branchId: number };

/** Environments and branches of the project for which the suite ran. */
async function listStreams(
  store: Store,
  { suiteId, project, branch }: SuiteOfProject,
  envIds: readonly number[],
): Promise<Stream[]> {
  if (envIds.length === 0) return [];
  return store.sql.all<Stream>(
    `SELECT e.id AS "envId", b.id AS "branchId" FROM project p JOIN branch b ON b.project_id = p.id CROSS JOIN env e
     WHERE p.slug = ? AND (b.name = ? OR ? = 1) AND e.id IN (${envIds.map(() => '?').join(', ')})
       AND EXISTS (SELECT 1 FROM suite_history h WHERE h.env_id = e.id AND h.suite_id = ? AND h.branch_id = b.id)`,
    ...[toStored(project), toStored(branch ?? ''), branch == null ? 1 : 0, ...envIds, suiteId],
  );
}
