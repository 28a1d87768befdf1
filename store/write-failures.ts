/** The failures of a job in their groups. */
import { type Fingerprint, fingerprintsOf, GROUP_KINDS } from '#analysis/failure-fingerprint.ts';
import { FailureClass, type Micros } from '#schema/records.ts';
import { type FailureFacts, saveFacts } from './failure-facts.ts';
import type { Sql } from './store.ts';
import { fromStored } from './text.ts';
import type { Writer } from './writer.ts';

/** What of a stored job says how it failed. */
export type FailedJob = {
  id: number;
  envId: number;
  submitAt: Micros;
  endAt: Micros | null;
  failureClass: number;
  errorType: string | null;
  errorMessage: string | null;
  device: string | null;
};

export const SELECT_FAILED = `SELECT j.id, j.env_id AS "envId", j.submit_at AS "submitAt", j.end_at AS "endAt",
  j.failure_class AS "failureClass", j.error_type AS "errorType", j.error_message AS "errorMessage", d.hostname AS device
  FROM job j LEFT JOIN device d ON d.id = j.device_id`;

export type Occurrence = Fingerprint<FailureClass> & { at: Micros };

export function occurrencesOf(job: FailedJob, { step, faults }: FailureFacts): Occurrence[] {
  const text = (value: string | null) => (value === null ? null : fromStored(value));
  const device = text(job.device);
  const failure = {
    failureClass: FailureClass.options[job.failureClass] ?? 'UNCLASSIFIED',
    errorType: text(job.errorType),
    errorMessage: text(job.errorMessage),
    hostnames: device === null ? [] : [device],
  };
  return fingerprintsOf({ ...failure, step, faults }).map((group) => ({ ...group, at: job.endAt ?? job.submitAt }));
}

/** Call inside a transaction; the job has no failures stored. */
export async function putFailures(writer: Writer, job: FailedJob, facts: FailureFacts): Promise<void> {
  await saveFacts(writer.store.sql, job, facts);
  for (const one of occurrencesOf(job, facts)) await putOccurrence(writer, job, one);
}

export async function putOccurrence(writer: Writer, job: FailedJob, one: Occurrence): Promise<void> {
  const groupId = await writer.dictionary.failureGroup(one.fingerprint, [
    GROUP_KINDS.indexOf(one.kind),
    FailureClass.options.indexOf(one.failureClass),
    one.title,
    one.why,
  ]);
  await writer.store.sql.run(
    'INSERT INTO failure_occurrence (env_id, at, group_id, job_id, line) VALUES (?, ?, ?, ?, ?)',
    ...[job.envId, one.at, groupId, job.id, one.line],
  );
}

/** Call inside a transaction. */
export async function dropFailures(sql: Sql, job: { id: number; envId: number }): Promise<void> {
  for (const table of ['failure_occurrence', 'job_failure'])
    await sql.run(`DELETE FROM ${table} WHERE job_id = ? AND env_id = ?`, job.id, job.envId);
}
