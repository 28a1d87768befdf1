/** Makes the failure groups of jobs what their facts say they should be, and tells what they were. */
import { parseFacts } from './failure-facts.ts';
import { isEveryLogRead } from './old-failures.ts';
import type { Difference } from './rebuild-rollups.ts';
import { FINISHED } from './stored-job.ts';
import { type FailedJob, type Occurrence, occurrencesOf, putOccurrence, SELECT_FAILED } from './write-failures.ts';
import type { Writer } from './writer.ts';

const JOBS = 500;

type Stored = { jobId: number; at: number; fingerprint: string; groupId: number; line: number | null };

/** Occurrences of one environment; none is wrong while logs are still read again. */
export async function mendFailures(writer: Writer, envId: number): Promise<Difference[]> {
  const { sql } = writer.store;
  const difference = { table: 'failure_occurrence', missing: 0, extra: 0, wrong: 0 };
  if (!(await isEveryLogRead(sql))) return [difference];
  for (let last = 0; ; ) {
    const jobs = await sql.all<FailedJob & { facts: string | null }>(
      `SELECT q.*, f.facts FROM (${SELECT_FAILED} WHERE j.env_id = ? AND j.id > ? AND j.state = ${FINISHED}
         AND (j.failure_class <> 0 OR EXISTS (SELECT 1 FROM job_failure x WHERE x.job_id = j.id AND x.env_id = j.env_id)
           OR EXISTS (SELECT 1 FROM failure_occurrence o WHERE o.job_id = j.id)) ORDER BY j.id LIMIT ${JOBS}) q
       LEFT JOIN job_failure f ON f.job_id = q.id AND f.env_id = q."envId" ORDER BY q.id`,
      ...[envId, last],
    );
    for (const { facts, ...job } of jobs) {
      const should = occurrencesOf(job, facts === null ? { step: null, faults: [] } : parseFacts(facts));
      await mendJob(writer, job, should, difference);
    }
    last = jobs.at(-1)?.id ?? last;
    if (jobs.length < JOBS) break;
  }
  return [difference];
}

async function mendJob(writer: Writer, job: FailedJob, should: readonly Occurrence[], difference: Difference) {
  const { sql } = writer.store;
  const stored = await sql.all<Stored>(
    `SELECT o.job_id AS "jobId", o.at, o.group_id AS "groupId", o.line, g.fingerprint
     FROM failure_occurrence o LEFT JOIN failure_group g ON g.id = o.group_id WHERE o.job_id = ? AND o.env_id = ?`,
    ...[job.id, job.envId],
  );
  const wanted = new Map(should.map((one) => [one.fingerprint, one]));
  for (const row of stored) {
    const one = wanted.get(row.fingerprint);
    if (one && one.at === row.at && one.line === row.line) {
      wanted.delete(row.fingerprint);
      continue;
    }
    difference[one ? 'wrong' : 'extra'] += 1;
    await sql.run(
      'DELETE FROM failure_occurrence WHERE env_id = ? AND at = ? AND group_id = ? AND job_id = ?',
      ...[job.envId, row.at, row.groupId, row.jobId],
    );
  }
  difference.missing += [...wanted.keys()].filter((f) => !stored.some((row) => row.fingerprint === f)).length;
  for (const one of wanted.values()) await putOccurrence(writer, job, one);
}
