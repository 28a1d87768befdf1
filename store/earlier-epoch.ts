/** Numbers of a source that had jobs before: in an epoch that has ended, or until retention deleted them. */
import type { JobRecord, Micros } from '#schema/records.ts';
import { Conflict } from './error.ts';
import { hideFromAll } from './job-gone.ts';
import type { Sql } from './store.ts';
import { toStored } from './text.ts';

type Source = { id: number; slug: string; epoch: number };

/**
 * A master that was restored still has jobs of before: the same number, submitted in the same microsecond. Whether this is
 * one: nobody sees it under its old epoch any more.
 */
export async function takeOver(
  sql: Sql,
  source: Source,
  { externalId, submitAt }: JobRecord,
  at: Micros,
): Promise<boolean> {
  for (let epoch = source.epoch - 1; epoch >= 0; epoch--) {
    const same = await sql.get<{ id: number }>(
      'SELECT id FROM job WHERE source_id = ? AND epoch = ? AND external_id = ? AND submit_at = ?',
      source.id,
      epoch,
      toStored(externalId),
      submitAt,
    );
    if (!same) continue;
    await hideFromAll({ sql }, same.id, at);
    await sql.run('UPDATE job SET epoch = ?, changed_at = ? WHERE id = ?', source.epoch, at, same.id);
    return true;
  }
  return false;
}

/** Has retention deleted the job? Its number may belong to another one now. */
export async function isRemoved(sql: Sql, source: Source, job: JobRecord): Promise<boolean> {
  for (let { epoch } = source; epoch >= 0; epoch--) {
    const stone = await sql.get<{ submitAt: Micros }>(
      'SELECT submit_at AS "submitAt" FROM job_tombstone WHERE source_id = ? AND epoch = ? AND external_id = ?',
      source.id,
      epoch,
      toStored(job.externalId),
    );
    if (stone?.submitAt === job.submitAt) return true;
    if (stone && epoch === source.epoch) {
      throw new Conflict(
        `${source.slug}: job ${job.externalId} was submitted at another time than the one deleted by retention`,
      );
    }
  }
  return false;
}
