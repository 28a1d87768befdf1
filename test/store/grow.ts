/** A store that looks old. */
import type { Writer } from '#store/writer.ts';

/** So many older copies of the jobs; only their rows, which is what lists of jobs look at. */
export async function grow({ store }: Writer, copies: number): Promise<void> {
  const columns = `env_id, source_id, epoch, number, project_id, branch_id, build_id, device_id, worker_id, submitter_id, state, health,
    failure_class, description, health_check, tags, is_public, pass, fail, skip, unknown, steps, digest, first_seen_at, via, changed_at, settled`;
  await store.sql.run(
    `WITH RECURSIVE copy (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < ${copies})
     INSERT INTO job (${columns}, external_id, submit_at)
     SELECT ${columns}, 'copy ' || n || ' ' || external_id, submit_at - n * CAST(${1_000_000_000} AS BIGINT) FROM copy CROSS JOIN job`,
  );
}
