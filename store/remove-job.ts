/** A job out of the store, with all that it added elsewhere. */
import { unpackJobText } from './job-text.ts';
import { isTest, monthOf, removeDerived, SELECT_JOB, type StoredJob } from './stored-job.ts';
import { readRuns } from './suite-run.ts';
import type { Writer } from './writer.ts';

/** Call inside a transaction. The log's file stays until nothing names it (see retention). */
export async function removeJob(writer: Writer, jobId: number): Promise<boolean> {
  const { sql } = writer.store;
  const job = await sql.get<StoredJob>(`${SELECT_JOB} WHERE id = ?`, jobId);
  if (!job) return false;
  await retract(writer, job);
  await sql.run('DELETE FROM job WHERE id = ?', jobId);
  return true;
}

/** Takes back all that the stored form of the job added elsewhere; its row stays. */
export async function retract(writer: Writer, job: StoredJob): Promise<void> {
  const { sql } = writer.store;
  const runs = await readRuns(sql, job.envId, job.id);
  await removeDerived(writer, job, runs.filter(isTest));
  await sql.run('DELETE FROM suite_run WHERE env_id = ? AND job_id = ?', job.envId, job.id);
  for (const id of new Set(runs.map((run) => run.shapeId))) await writer.shapes.release(id);
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

/** What the definition says of the job. */
export async function metadataOf(writer: Writer, jobId: number): Promise<Record<string, string>> {
  const row = await writer.store.sql.get<{ body: Buffer }>('SELECT body FROM job_text WHERE job_id = ?', jobId);
  return row ? unpackJobText(row.body).metadata : {};
}
