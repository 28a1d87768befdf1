/** Open jobs that somebody looks at, as servers see them. Who reads their source follows them: store/write-live.ts. */
import {
  type JobHealth,
  JobHealth as JobHealths,
  type JobState,
  JobState as JobStates,
  type LiveStatus,
  type Micros,
} from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { getJobsById, type JobRow } from './job.ts';
import { type NumberedLine, readLines } from './live-log.ts';
import type { Store } from './store.ts';
import { FINISHED } from './stored-job.ts';
import { errorFor, type Sight, sightOf } from './visibility.ts';

/** Of one source, at the same time. */
export const MOST_WATCHED = 20;
/** Whoever watches says so more often: what was said longer ago takes no place. */
const FORGOTTEN = 60_000_000;

/** What is told of an open job; null where nobody has looked at it yet. */
export type LiveRow = {
  watchedAt: Micros | null;
  toldAt: Micros | null;
  asOf: Micros | null;
  state: JobState | null;
  health: JobHealth | null;
  startAt: Micros | null;
  status: LiveStatus | null;
  reason: string | null;
  lineCount: number;
};

export type LiveJob = {
  job: JobRow;
  live: LiveRow | null;
  source: { paused: number; configured: number; epoch: number };
  lines: NumberedLine[];
};

/** At most `limit` lines, and not much more than a megabyte of them: from a line on, or the newest ones. */
export type LineWindow = { from: number | null; limit: number };
const MOST_BYTES = 1024 * 1024;

/** Says that somebody looks at the job. False when as many are looked at as may be, or it is open no more. */
export async function watchJob({ sql }: Pick<Store, 'sql'>, jobId: number, at: Micros): Promise<boolean> {
  const watched = await sql.get(
    `INSERT INTO live_job (job_id, source_id, watched_at)
     SELECT j.id, j.source_id, CAST(? AS BIGINT) FROM job j WHERE j.id = ? AND j.state <> ${FINISHED} AND ${MOST_WATCHED} >
       (SELECT count(*) FROM live_job l WHERE l.source_id = j.source_id AND l.job_id <> j.id AND l.watched_at > ?)
     ON CONFLICT (job_id) DO UPDATE SET watched_at = excluded.watched_at RETURNING job_id`,
    at,
    jobId,
    at - FORGOTTEN,
  );
  return watched !== undefined;
}

/** Nobody here looks at it any more; who does elsewhere says so again. */
export async function leaveJob({ sql }: Pick<Store, 'sql'>, jobId: number): Promise<void> {
  await sql.run('UPDATE live_job SET watched_at = NULL WHERE job_id = ?', jobId);
}

type LiveColumns = Omit<LiveRow, 'state' | 'health'> & { state: number | null; health: number | null };

/**
 * Null when there is no such job, or it may not be seen. Whether it may is asked last: one that was hidden meanwhile has
 * none of its later lines told.
 */
export async function getLiveJob(
  store: Store,
  viewer: Viewer,
  jobId: number,
  { from, limit }: LineWindow,
): Promise<LiveJob | null> {
  const found = await store.sql.get<LiveColumns>(
    `SELECT watched_at AS "watchedAt", told_at AS "toldAt", as_of AS "asOf", state, health, start_at AS "startAt", status,
       reason, line_count AS "lineCount" FROM live_job WHERE job_id = ?`,
    jobId,
  );
  const window = { from: from ?? Math.max(0, (found?.lineCount ?? 0) - limit), limit, mostBytes: MOST_BYTES };
  const lines = found ? await readLines(store.sql, jobId, window) : [];
  const job = (await getJobsById(store, viewer, [jobId])).get(jobId);
  if (!job) return null;
  const source = await store.sql.get<LiveJob['source']>(
    'SELECT paused, configured, epoch FROM source WHERE id = ?',
    job.sourceId,
  );
  if (!source) return null;
  return { job, source, live: found ? toLive(found, await sightOf(store, viewer)) : null, lines };
}

function toLive({ state, health, reason, ...row }: LiveColumns, sight: Sight): LiveRow {
  return {
    ...row,
    state: state === null ? null : (JobStates.options[state] ?? null),
    health: health === null ? null : (JobHealths.options[health] ?? null),
    reason: errorFor(sight, reason),
  };
}

/** What changes with whatever there is to tell of a job. */
export type LiveMark = { toldAt: Micros | null; changedAt: Micros; paused: number };

/** By job; nothing of it is told to anybody. */
export async function listLiveMarks(store: Store, jobIds: readonly number[]): Promise<Map<number, LiveMark>> {
  if (jobIds.length === 0) return new Map();
  const rows = await store.sql.all<LiveMark & { id: number }>(
    `SELECT j.id, l.told_at AS "toldAt", j.changed_at AS "changedAt", s.paused FROM job j
     JOIN source s ON s.id = j.source_id LEFT JOIN live_job l ON l.job_id = j.id
     WHERE j.id IN (${jobIds.map(() => '?').join(', ')})`,
    ...jobIds,
  );
  return new Map(rows.map(({ id, ...mark }) => [id, mark]));
}
