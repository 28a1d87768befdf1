/** Makes the failure groups of jobs what their facts say they should be, and tells what they were. */
import { type FailureFacts, parseFacts } from './failure-facts.ts';
import { idList, LISTED } from './id-list.ts';
import { isEveryLogRead } from './old-failures.ts';
import type { Difference } from './rebuild-rollups.ts';
import { readSplitState } from './split-rules.ts';
import { FINISHED } from './stored-job.ts';
import { type FailedJob, type Occurrence, occurrencesOf, putOccurrence, SELECT_FAILED } from './write-failures.ts';
import type { Writer } from './writer.ts';

/** Jobs of one slice. */
const JOBS = 1000;

/** Place of a job in its environment: when it was submitted, and its id. */
export type Place = readonly [at: number, id: number];

type Stored = {
  jobId: number;
  envId: number;
  at: number;
  fingerprint: string | null;
  groupId: number;
  line: number | null;
};

/**
 * Occurrences of the jobs of an environment that come after a place, so many that a transaction stays short; then where
 * to go on, null after the last. None is wrong while logs are still read again, or a split is still applied.
 */
export async function mendFailures(
  writer: Writer,
  envId: number,
  after: Place | null,
): Promise<{ found: Difference[]; next: Place | null }> {
  const { sql } = writer.store;
  if (!(await isEveryLogRead(sql)) || (await readSplitState(sql)).pending.length > 0) return { found: [], next: null };
  const jobs = await sql.all<FailedJob & { facts: string | null }>(
    `SELECT q.*, f.facts FROM (${SELECT_FAILED} WHERE j.env_id = ? AND (j.submit_at, j.id) > (?, ?) AND j.state = ${FINISHED}
       ORDER BY j.submit_at, j.id LIMIT ${JOBS}) q
     LEFT JOIN job_failure f ON f.job_id = q.id AND f.env_id = q."envId" ORDER BY q."submitAt", q.id`,
    ...[envId, ...(after ?? [Number.MIN_SAFE_INTEGER, 0])],
  );
  const found = await mendJobs(
    writer,
    jobs.map(({ facts, ...job }) => ({ job, facts: parseFacts(facts) })),
  );
  const last = jobs.length < JOBS ? undefined : jobs.at(-1);
  return { found: [found], next: last ? [last.submitAt, last.id] : null };
}

/** Call inside a transaction in which nobody else writes. */
export async function mendJobs(
  writer: Writer,
  jobs: readonly { job: FailedJob; facts: FailureFacts }[],
): Promise<Difference> {
  const { sql, engine } = writer.store;
  const difference = { table: 'failure_occurrence', missing: 0, extra: 0, wrong: 0 };
  const stored = await sql.all<Stored>(
    `SELECT o.job_id AS "jobId", o.env_id AS "envId", o.at, o.group_id AS "groupId", o.line, g.fingerprint
     FROM failure_occurrence o LEFT JOIN failure_group g ON g.id = o.group_id WHERE o.job_id IN ${LISTED[engine]}`,
    idList(jobs.map(({ job }) => job.id)),
  );
  const byJob = Map.groupBy(stored, ({ jobId }) => jobId);
  for (const { job, facts } of jobs)
    await mendJob(writer, job, await occurrencesOf(writer, job, facts), byJob.get(job.id) ?? [], difference);
  return difference;
}

async function mendJob(
  writer: Writer,
  job: FailedJob,
  should: readonly Occurrence[],
  stored: readonly Stored[],
  difference: Difference,
): Promise<void> {
  const wanted = new Map(should.map((one) => [one.fingerprint, one]));
  for (const row of stored) {
    const one = wanted.get(row.fingerprint ?? '');
    if (one && one.at === row.at && one.line === row.line && row.envId === job.envId) {
      wanted.delete(one.fingerprint);
      continue;
    }
    difference[one ? 'wrong' : 'extra'] += 1;
    await writer.store.sql.run(
      'DELETE FROM failure_occurrence WHERE env_id = ? AND at = ? AND group_id = ? AND job_id = ?',
      ...[row.envId, row.at, row.groupId, row.jobId],
    );
  }
  difference.missing += [...wanted.keys()].filter((f) => !stored.some((row) => row.fingerprint === f)).length;
  for (const one of wanted.values()) await putOccurrence(writer, job, one);
}
