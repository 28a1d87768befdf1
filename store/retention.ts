/**
 * What a source gave is deleted by age, in the order in which it loses its worth: logs, then where cases lie in them,
 * then single results, then the job with its share of every sum. What is deleted leaves a mark that says so. The result
 * is the same whatever arrived when: a job that is written again comes back whole, and goes again.
 */
import type { Micros } from '#schema/records.ts';
import type { Retention } from '#schema/tables.ts';
import { withoutDetail } from './detail.ts';
import { readFrames } from './frame.ts';
import { removeRun } from './history.ts';
import { hideFromAll } from './job-gone.ts';
import { releaseLog, releaseShapes, removeJob } from './remove-job.ts';
import type { Sql } from './store.ts';
import { FINISHED, isTest, monthOf, placed, SELECT_JOB, type StoredJob } from './stored-job.ts';
import { NO_SHAPE, readRuns } from './suite-run.ts';
import type { Writer } from './writer.ts';

/** In this order. */
export const KINDS = ['logs', 'detail', 'results', 'rollups'] as const;
export type Kind = (typeof KINDS)[number];

/** What is due of one job: of `rollups`, all; of `results`, what hangs on them too. */
export type DueJob = { id: number; envId: number; submitAt: Micros; kinds: Kind[] };

const DAY = 86_400_000_000;
/** Jobs in one transaction, and jobs listed at a time. */
const PAGE = 25;
const LISTED = 500;
const NEVER = Number.MIN_SAFE_INTEGER;

/** Instants before which each kind goes. What hangs on something goes with it. */
function cutoffs(retention: Retention, now: Micros): Record<Kind, Micros> {
  const at = { logs: NEVER, detail: NEVER, results: NEVER, rollups: NEVER };
  for (const kind of KINDS) {
    const days = retention[kind];
    if (days !== undefined) at[kind] = now - days * DAY;
  }
  at.results = Math.max(at.results, at.rollups);
  at.detail = Math.max(at.detail, at.results);
  at.logs = Math.max(at.logs, at.results);
  return at;
}

type Place = [submitAt: Micros, id: number];
const FIRST: Place = [NEVER, 0];

/** Jobs that something is due of, oldest first, behind a place. Those of pinned builds never are. */
async function duePage(
  sql: Sql,
  envId: number,
  at: Record<Kind, Micros>,
  behind: Place,
  limit: number,
): Promise<DueJob[]> {
  const rows = await sql.all<Omit<DueJob, 'kinds'> & Record<Kind, number>>(
    `SELECT * FROM (SELECT j.id, j.env_id AS "envId", j.submit_at AS "submitAt",
       CASE WHEN j.log_id IS NOT NULL AND j.submit_at < ? THEN 1 ELSE 0 END AS logs,
       CASE WHEN j.detail_removed_at IS NULL AND j.submit_at < ?
         AND EXISTS (SELECT 1 FROM job_detail d WHERE d.job_id = j.id AND d.env_id = j.env_id) THEN 1 ELSE 0 END AS detail,
       CASE WHEN j.results_removed_at IS NULL AND j.submit_at < ?
         AND EXISTS (SELECT 1 FROM suite_run r WHERE r.env_id = j.env_id AND r.job_id = j.id) THEN 1 ELSE 0 END AS results,
       CASE WHEN j.submit_at < ? THEN 1 ELSE 0 END AS rollups
     FROM job j LEFT JOIN build b ON b.id = j.build_id
     WHERE j.env_id = ? AND (j.submit_at, j.id) > (?, ?) AND j.submit_at < ? AND j.state = ${FINISHED}
       AND b.pinned_at IS NULL) due
     WHERE logs + detail + results + rollups > 0 ORDER BY "submitAt", id LIMIT ${limit}`,
    ...[at.logs, at.detail, at.results, at.rollups, envId, ...behind],
    Math.max(...Object.values(at)),
  );
  return rows.map((row) => ({
    id: row.id,
    envId: row.envId,
    submitAt: row.submitAt,
    kinds: KINDS.filter((kind) => row[kind] === 1),
  }));
}

async function envsOf(sql: Sql, sourceId: number): Promise<number[]> {
  const rows = await sql.all<{ id: number }>('SELECT id FROM env WHERE source_id = ? ORDER BY id', sourceId);
  return rows.map(({ id }) => id);
}

/** All jobs of a source that something is due of. */
export async function* dueJobs(
  sql: Sql,
  sourceId: number,
  retention: Retention,
  now: Micros,
): AsyncGenerator<DueJob[]> {
  const at = cutoffs(retention, now);
  for (const envId of await envsOf(sql, sourceId)) {
    for (let behind: Place | null = FIRST; behind; ) {
      const jobs: DueJob[] = await duePage(sql, envId, at, behind, LISTED);
      if (jobs.length > 0) yield jobs;
      behind = nextPlace(jobs, LISTED);
    }
  }
}

function nextPlace(jobs: readonly DueJob[], limit: number): Place | null {
  const last = jobs.at(-1);
  return last && jobs.length === limit ? [last.submitAt, last.id] : null;
}

export type Retired = Record<Kind, number>;
export type RetireOptions = { signal?: AbortSignal; onProgress?: (jobs: number) => void };

/**
 * Deletes what is due of a source as of the beginning; how many jobs lost what. Cut short anywhere, it goes on the next time.
 * `now`: the clock.
 */
export async function retire(
  writer: Writer,
  sourceId: number,
  retention: Retention,
  now: () => Micros,
  { signal, onProgress }: RetireOptions = {},
): Promise<Retired> {
  const retired: Retired = { logs: 0, detail: 0, results: 0, rollups: 0 };
  const at = cutoffs(retention, now());
  let done = 0;
  for (const envId of await envsOf(writer.store.sql, sourceId)) {
    for (let behind: Place | null = FIRST; behind && !signal?.aborted; ) {
      const from: Place = behind;
      // What is due is asked inside the transaction: it may have been written anew, or pinned, since.
      const page = async () => {
        const jobs = await duePage(writer.store.sql, envId, at, from, PAGE);
        const deletedAt = now();
        for (const job of jobs) await retireJob(writer, job, deletedAt);
        return jobs;
      };
      const jobs: DueJob[] = await writer.transaction(page, { alone: true });
      for (const kind of KINDS) retired[kind] += jobs.filter(({ kinds }) => kinds.includes(kind)).length;
      done += jobs.length;
      onProgress?.(done);
      behind = nextPlace(jobs, PAGE);
    }
  }
  return retired;
}

/** Call inside a transaction. */
async function retireJob(writer: Writer, { id, kinds }: DueJob, now: Micros): Promise<void> {
  const { sql } = writer.store;
  const job = await sql.get<StoredJob>(`${SELECT_JOB} WHERE id = ?`, id);
  if (!job) return;
  if (kinds.includes('rollups')) {
    await sql.run(
      `INSERT INTO job_tombstone (source_id, epoch, external_id, env_id, submit_at, removed_at)
       SELECT source_id, epoch, external_id, env_id, submit_at, ? FROM job WHERE id = ?`,
      now,
      id,
    );
    await hideFromAll(writer.store, id, now);
    await removeJob(writer, id);
    return;
  }
  if (kinds.includes('results')) await retireResults(writer, job, now);
  else if (kinds.includes('detail')) await retireDetail(sql, job, now);
  if (kinds.includes('logs') && job.logId !== null) {
    await sql.run('UPDATE job SET log_id = NULL, log_removed_at = ? WHERE id = ?', now, id);
    await releaseLog(sql, job.logId);
  }
}

async function retireResults(writer: Writer, job: StoredJob, now: Micros): Promise<void> {
  const { sql } = writer.store;
  const runs = await readRuns(sql, job.envId, job.id);
  for (const run of placed(job, runs.filter(isTest)).reverse()) await removeRun(sql, writer.shapes, run);
  await sql.run(
    `UPDATE suite_run SET shape_id = ${NO_SHAPE}, verdicts = ? WHERE env_id = ? AND job_id = ?`,
    Buffer.alloc(0),
    job.envId,
    job.id,
  );
  await releaseShapes(writer, runs);
  await sql.run('DELETE FROM job_detail WHERE job_id = ? AND env_id = ?', job.id, job.envId);
  // Which of its tests an issue explained cannot be told any more; what explained the job's own failure stays.
  await sql.run('DELETE FROM known_issue_match WHERE job_id = ? AND env_id = ? AND cases > 0', job.id, job.envId);
  await sql.run(
    'UPDATE job SET results_removed_at = ?, detail_removed_at = coalesce(detail_removed_at, ?) WHERE id = ?',
    ...[now, now, job.id],
  );
}

async function retireDetail(sql: Sql, job: StoredJob, now: Micros): Promise<void> {
  for (const frame of await readFrames(sql, job)) {
    const { codec, body } = withoutDetail(frame.codec, frame.body);
    await sql.run(
      'UPDATE job_detail SET codec = ?, body = ? WHERE job_id = ? AND env_id = ? AND month = ? AND first = ?',
      ...[codec, body, job.id, job.envId, monthOf(job.submitAt), frame.first],
    );
  }
  await sql.run('UPDATE job SET detail_removed_at = ? WHERE id = ?', now, job.id);
}
