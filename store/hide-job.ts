/** A job that its source shows to fewer than before, and that cannot be read again. */
import type { Micros } from '#schema/records.ts';
import { hideFromPublic } from './job-gone.ts';
import { addDerived, isTest, monthOf, removeDerived, SELECT_JOB, type StoredJob } from './stored-job.ts';
import { readRuns } from './suite-run.ts';
import { toStored } from './text.ts';
import type { SourceKey } from './write-job.ts';
import type { Writer } from './writer.ts';

const KEPT_BY_MONTH = ['job_text', 'job_detail'];

/** Call inside a transaction. It is private from here on; once it is read again it is as the source says. */
export async function hideJob(writer: Writer, source: SourceKey, externalId: string, at: Micros): Promise<void> {
  const { sql } = writer.store;
  const job = await sql.get<StoredJob>(
    `${SELECT_JOB} WHERE source_id = ? AND epoch = ? AND external_id = ? AND is_public = 1`,
    source.id,
    source.epoch,
    toStored(externalId),
  );
  if (!job) return;
  const from = await sql.get<{ ownTypeId: number }>(
    'SELECT own_device_type_id AS "ownTypeId" FROM env WHERE id = ?',
    job.envId,
  );
  if (!from) throw new Error(`${source.slug}: job ${externalId} has no environment`);
  const envId = await writer.dictionary.id('env', from.ownTypeId, source.id, 0);
  const runs = await readRuns(sql, job.envId, job.id);
  await removeDerived(writer, job, runs.filter(isTest));
  for (const { shapeId } of runs)
    await sql.run('UPDATE shape SET env_id = ? WHERE id = ? AND env_id = ?', envId, shapeId, job.envId);
  await hideFromPublic(writer.store, job.id, at);
  // No digest is empty: whatever is read of it next is written.
  await sql.run(
    'UPDATE job SET env_id = ?, is_public = 0, digest = ?, changed_at = ?, revision = revision + 1 WHERE id = ?',
    ...[envId, Buffer.alloc(0), at, job.id],
  );
  for (const table of ['suite_run', 'job_label', 'failure_occurrence', 'job_failure', 'known_issue_match'])
    await sql.run(`UPDATE ${table} SET env_id = ? WHERE env_id = ? AND job_id = ?`, envId, job.envId, job.id);
  for (const table of KEPT_BY_MONTH)
    await sql.run(
      `UPDATE ${table} SET env_id = ? WHERE job_id = ? AND env_id = ? AND month = ?`,
      ...[envId, job.id, job.envId, monthOf(job.submitAt)],
    );
  await addDerived(
    writer,
    { ...job, envId },
    runs.filter(isTest).map((run) => ({ ...run, envId })),
  );
}
