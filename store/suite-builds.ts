/** The newest builds of a project that a suite belongs to. */
import type { Scope } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import type { Store } from './store.ts';
import { toStored } from './text.ts';

export type SuiteBuild = { id: number /** Submit time of its first job in sight, microseconds. */; createdAt: number };

export type Wanted = {
  suiteId: number;
  project: string;
  /** Of all branches unless named. */
  branch?: string | null;
  /** Environments in sight, and of these the ones asked for. */
  inSight: readonly number[];
  inScope: readonly number[];
};

const FAR = Number.MAX_SAFE_INTEGER;

/**
 * Newest first by their first job, as builds are listed. A build counts where the suite ran or was to run; with an
 * instant in the scope, where a job was submitted then.
 */
export async function listSuiteBuilds(
  { sql, engine }: Store,
  { suiteId, project, branch, inSight, inScope }: Wanted,
  { since, until }: Scope,
  limit: number,
): Promise<SuiteBuild[]> {
  const list = LISTED[engine];
  return sql.all<SuiteBuild>(
    `SELECT b.id, (SELECT j.submit_at FROM job j WHERE j.build_id = b.id AND j.env_id IN ${list} ORDER BY j.submit_at LIMIT 1) AS "createdAt"
     FROM project p JOIN branch n ON n.project_id = p.id JOIN build b ON b.branch_id = n.id
     WHERE p.slug = ? AND (n.name = ? OR ? = 1)
       AND EXISTS (SELECT 1 FROM build_suite s WHERE s.build_id = b.id AND s.suite_id = ? AND s.env_id IN ${list}
         AND s.runs + s.infrastructure > 0)
       AND (? = 1 OR EXISTS (SELECT 1 FROM job k WHERE k.build_id = b.id AND k.env_id IN ${list} AND k.submit_at >= ? AND k.submit_at < ?))
     ORDER BY 2 DESC, b.id DESC LIMIT ?`,
    ...[idList(inSight), toStored(project), toStored(branch ?? ''), branch == null ? 1 : 0, suiteId, idList(inScope)],
    ...[since == null && until == null ? 1 : 0, idList(inScope), since ?? -FAR, until ?? FAR, limit],
  );
}
