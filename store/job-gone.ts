/**
 * Jobs that have gone out of sight: what whoever keeps a copy is told to let go. Who sees private jobs and who does not have
 * rows of their own, so that neither is told by the other's when something happened.
 */
import type { Micros } from '#schema/records.ts';
import type { Sql } from './store.ts';
import type { Writer } from './writer.ts';

/** So long it is told; whoever has read nothing since begins anew. Rows stay a little longer. */
export const GONE_KEPT: Micros = 2 * 365 * 86_400_000_000;
const GRACE: Micros = 86_400_000_000;
/** Rows in one transaction. */
const PAGE = 500;

const INSERT = 'INSERT INTO job_gone (source_id, epoch, external_id, sees_private, at)';
const OF_JOB = 'SELECT source_id, epoch, external_id';
const AGAIN = 'ON CONFLICT (source_id, epoch, external_id, sees_private) DO UPDATE SET at = excluded.at';

/** Call inside a transaction, while it still is public: who sees public jobs only sees it no more. */
export async function hideFromPublic({ sql }: { sql: Sql }, jobId: number, at: Micros): Promise<void> {
  await sql.run(`${INSERT} ${OF_JOB}, 0, ? FROM job WHERE id = ? AND is_public = 1 ${AGAIN}`, at, jobId);
}

/** Call inside a transaction, while it still is there under its number: nobody sees it there any more. */
export async function hideFromAll({ sql }: { sql: Sql }, jobId: number, at: Micros): Promise<void> {
  await hideFromPublic({ sql }, jobId, at);
  await sql.run(`${INSERT} ${OF_JOB}, 1, ? FROM job WHERE id = ? ${AGAIN}`, at, jobId);
}

/** Call inside a transaction: it is public again. */
export async function showToPublic({ sql }: { sql: Sql }, jobId: number): Promise<void> {
  await sql.run(
    `DELETE FROM job_gone WHERE sees_private = 0 AND (source_id, epoch, external_id) = (${OF_JOB} FROM job WHERE id = ?)`,
    jobId,
  );
}

/** What nobody goes on from any more. */
export async function forgetGone(writer: Writer, now: Micros, signal?: AbortSignal): Promise<void> {
  const { sql } = writer.store;
  const sources = await sql.all<{ id: number }>('SELECT id FROM source ORDER BY id');
  for (const { id } of sources)
    for (const seesPrivate of [0, 1])
      for (let rows = PAGE; rows === PAGE && !signal?.aborted; )
        rows = await writer.transaction(async () => {
          const gone = await sql.all(
            `DELETE FROM job_gone WHERE id IN (SELECT id FROM job_gone WHERE source_id = ? AND sees_private = ? AND at < ?
               ORDER BY at LIMIT ${PAGE}) RETURNING id`,
            ...[id, seesPrivate, now - GONE_KEPT - GRACE],
          );
          return gone.length;
        });
}
