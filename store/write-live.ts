/** What whoever reads a source writes of the open jobs that somebody looks at. */
import { JobHealth, type JobRecord, JobState, type LiveStatus, type Micros } from '#schema/records.ts';
import { hideJob } from './hide-job.ts';
import { appendLines, dropLive, lastLine } from './live-log.ts';
import { FINISHED } from './stored-job.ts';
import { fromStored, toStored } from './text.ts';
import type { SourceKey } from './write-job.ts';
import type { Writer } from './writer.ts';

/** What nobody looks at any more is forgotten after a day. */
const KEPT = 86_400_000_000;

export type WatchedJob = {
  jobId: number;
  externalId: string;
  submitAt: Micros;
  /** Changes while somebody looks. */
  watchedAt: Micros;
  source: SourceKey;
};

export type Told = { status: LiveStatus; reason: string | null };

type Row = Omit<WatchedJob, 'source' | 'watchedAt'> &
  Omit<SourceKey, 'id'> & {
    sourceId: number;
    watchedAt: Micros | null;
    toldAt: Micros | null;
    /** Null once the job is no more. */
    state: number | null;
    isOfEpoch: number;
  };

const SELECT = `SELECT l.job_id AS "jobId", l.watched_at AS "watchedAt", l.told_at AS "toldAt", j.external_id AS "externalId",
  j.submit_at AS "submitAt", j.state, j.source_id AS "sourceId", s.slug, s.epoch, s.url,
  CASE WHEN j.epoch = s.epoch THEN 1 ELSE 0 END AS "isOfEpoch"
  FROM live_job l LEFT JOIN job j ON j.id = l.job_id LEFT JOIN source s ON s.id = j.source_id ORDER BY l.job_id`;

/** Jobs that somebody looks at. What is told of jobs that have finished, and what is old, goes. */
export async function listWatchedJobs(writer: Writer, now: Micros): Promise<WatchedJob[]> {
  const rows = await writer.store.sql.all<Row>(SELECT);
  const isOver = ({ state, watchedAt, toldAt }: Row) =>
    state === null || state === FINISHED || Math.max(watchedAt ?? 0, toldAt ?? 0) < now - KEPT;
  const over = rows.filter(isOver);
  if (over.length > 0) {
    await writer.transaction(async () => {
      for (const { jobId } of over) await dropLive(writer.store.sql, jobId);
    });
  }
  return rows.flatMap((row) =>
    isOver(row) || row.watchedAt === null || row.isOfEpoch === 0 ? [] : [toWatched(row, row.watchedAt)],
  );
}

function toWatched({ jobId, externalId, submitAt, sourceId, slug, epoch, url }: Row, watchedAt: Micros): WatchedJob {
  const source = { id: sourceId, slug, epoch, url };
  return { jobId, externalId: fromStored(externalId), submitAt, watchedAt, source };
}

/** Whoever said that somebody looks says so no more. */
export async function endWatch(writer: Writer, { jobId, watchedAt }: WatchedJob): Promise<void> {
  await writer.transaction(() =>
    writer.store.sql.run('UPDATE live_job SET watched_at = NULL WHERE job_id = ? AND watched_at = ?', jobId, watchedAt),
  );
}

export async function knownLog({ store: { sql } }: Writer, jobId: number) {
  const row = await sql.get<{ lineCount: number }>(
    'SELECT line_count AS "lineCount" FROM live_job WHERE job_id = ?',
    jobId,
  );
  return { lineCount: row?.lineCount ?? 0, lastLine: await lastLine(sql, jobId) };
}

/** How the jobs are followed; null: as before, and whoever follows them is alive. */
export async function saveTold(
  writer: Writer,
  jobIds: readonly number[],
  told: Told | null,
  at: Micros,
): Promise<void> {
  const set = told ? 'told_at = ?, status = ?, reason = ?' : 'told_at = ?';
  const values = told ? [at, told.status, storedReason(told)] : [at];
  await writer.transaction(async () => {
    for (const jobId of jobIds)
      await writer.store.sql.run(`UPDATE live_job SET ${set} WHERE job_id = ?`, ...values, jobId);
  });
}

function storedReason({ reason }: Told): string | null {
  return reason === null ? null : toStored(reason);
}

/**
 * What the source told of the job, and the lines that follow those of `lineCount`. A job that is now shown to fewer is
 * private from here on. Nothing is written once the job has finished here.
 */
export async function saveTail(
  writer: Writer,
  { jobId, source, externalId }: WatchedJob,
  tail: { job: JobRecord; lines: Buffer; lineCount: number; told: Told },
  at: Micros,
): Promise<void> {
  const { sql } = writer.store;
  const { job, told } = tail;
  await writer.transaction(async () => {
    const open = await sql.get<{ isPublic: number; lineCount: number }>(
      `SELECT j.is_public AS "isPublic", l.line_count AS "lineCount" FROM job j JOIN live_job l ON l.job_id = j.id
       WHERE j.id = ? AND j.state <> ${FINISHED}`,
      jobId,
    );
    if (!open) return;
    if (open.isPublic === 1 && !job.isPublic) await hideJob(writer, source, externalId, at);
    const goesOn = open.lineCount === tail.lineCount;
    const lineCount = goesOn ? await appendLines(sql, jobId, tail.lineCount, tail.lines) : open.lineCount;
    await sql.run(
      `UPDATE live_job SET told_at = ?, as_of = ?, state = ?, health = ?, start_at = ?, status = ?, reason = ?,
         line_count = ? WHERE job_id = ?`,
      ...[at, at, JobState.options.indexOf(job.state), JobHealth.options.indexOf(job.health), job.startAt],
      ...[told.status, storedReason(told), lineCount, jobId],
    );
  });
}
