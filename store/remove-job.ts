/** A job out of the store, with all that it added elsewhere. */
import { unpackJobText } from './job-text.ts';
import { dropLive } from './live-log.ts';
import type { Sql } from './store.ts';
import { isTest, monthOf, removeDerived, SELECT_JOB, type StoredJob } from './stored-job.ts';
import { NO_SHAPE, type RunRow, readRuns } from './suite-run.ts';
import { dropFailures } from './write-failures.ts';
import type { Writer } from './writer.ts';

/** Call inside a transaction. */
export async function removeJob(writer: Writer, jobId: number): Promise<boolean> {
  const { sql } = writer.store;
  const job = await sql.get<StoredJob>(`${SELECT_JOB} WHERE id = ?`, jobId);
  if (!job) return false;
  await retract(writer, job);
  for (const table of ['omission', 'note']) await sql.run(`DELETE FROM ${table} WHERE job_id = ?`, jobId);
  await sql.run('DELETE FROM job WHERE id = ?', jobId);
  await dropLive(sql, jobId);
  await releaseLog(sql, job.logId);
  return true;
}

/** Takes back all that the stored form of the job added elsewhere; its row stays. */
export async function retract(writer: Writer, job: StoredJob): Promise<void> {
  const { sql } = writer.store;
  await writer.freshTexts.index();
  const runs = await readRuns(sql, job.envId, job.id);
  await removeDerived(writer, job, runs.filter(isTest));
  await dropFailures(sql, job);
  await sql.run('DELETE FROM known_issue_match WHERE job_id = ? AND env_id = ?', job.id, job.envId);
  await sql.run('DELETE FROM suite_run WHERE env_id = ? AND job_id = ?', job.envId, job.id);
  await releaseShapes(writer, runs);
  const metadata = await metadataOf(writer, job.id);
  for (const table of ['job_detail', 'job_text']) {
    await sql.run(
      `DELETE FROM ${table} WHERE job_id = ? AND env_id = ? AND month = ?`,
      job.id,
      job.envId,
      monthOf(job.submitAt),
    );
  }
  for (const [key, value] of Object.entries(metadata)) {
    await sql.run(
      'DELETE FROM job_label WHERE label_id = ? AND job_id = ? AND env_id = ?',
      await writer.dictionary.label(key, value),
      job.id,
      job.envId,
    );
  }
}

/** Shapes that had only these runs go with them. */
export async function releaseShapes(writer: Writer, runs: readonly RunRow[]): Promise<void> {
  for (const id of new Set(runs.map((run) => run.shapeId))) if (id !== NO_SHAPE) await writer.shapes.release(id);
}

/** Locks the row of a log: of two writers, who names it and who lets it go, the second sees what the first did. */
export const HOLD_LOG = 'UPDATE log SET bytes = bytes';

/** A log that no job names any more goes; its file follows (see store/log-removal.ts). */
export async function releaseLog(sql: Sql, logId: number | null): Promise<void> {
  if (logId === null) return;
  await sql.run(`${HOLD_LOG} WHERE id = ?`, logId);
  const gone = await sql.get<{ hash: Buffer }>(
    'DELETE FROM log WHERE id = ? AND NOT EXISTS (SELECT 1 FROM job WHERE log_id = ?) RETURNING hash',
    logId,
    logId,
  );
  if (gone) await sql.run('INSERT INTO log_removal (hash) VALUES (?) ON CONFLICT DO NOTHING', gone.hash);
}

/** What the definition says of the job. */
export async function metadataOf(writer: Writer, jobId: number): Promise<Record<string, string>> {
  const row = await writer.store.sql.get<{ body: Buffer }>('SELECT body FROM job_text WHERE job_id = ?', jobId);
  return row ? unpackJobText(row.body).metadata : {};
}
