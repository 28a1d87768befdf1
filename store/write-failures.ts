/** The failures of a job in their groups. */
import { type Fingerprint, fingerprintOfFault, fingerprintsOf, GROUP_KINDS } from '#analysis/failure-fingerprint.ts';
import { LOOKED_AT, splitUp } from '#analysis/group-split.ts';
import type { KernelFault } from '#analysis/kernel-fault.ts';
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

/** Call inside a transaction: each in the part that splits of its moment put it in. */
export async function occurrencesOf(
  { splits }: Writer,
  job: FailedJob,
  { step, faults }: FailureFacts,
): Promise<Occurrence[]> {
  const text = (value: string | null) => (value === null ? null : fromStored(value));
  const device = text(job.device);
  const failure = {
    failureClass: FailureClass.options[job.failureClass] ?? 'UNCLASSIFIED',
    errorType: text(job.errorType),
    errorMessage: text(job.errorMessage),
    hostnames: device === null ? [] : [device],
  };
  const at = job.endAt ?? job.submitAt;
  const groups = fingerprintsOf({ ...failure, step, faults }).map((group) => ({ ...group, at }));
  const rules = groups.length > 0 ? await splits.current() : null;
  if (!rules || !groups.some(({ fingerprint }) => rules.has(fingerprint))) return groups;
  const place = await splits.placeOf(job.envId);
  return groups.map((group) => {
    const fault = faults.find((one) => fingerprintOfFault(one) === group.fingerprint);
    const said = fault ? textOfFault(fault) : failure.errorMessage;
    return splitUp(group, (fingerprint) => rules.get(fingerprint) ?? [], { ...place, text: textForSplit(said) });
  });
}

/** What the kernel said: its first line, and its functions, each on a line. */
export function textOfFault({ summary, functions }: KernelFault): string {
  return [summary, ...functions].join('\n');
}

export function textForSplit(said: string | null): string | null {
  return said?.slice(0, LOOKED_AT) ?? null;
}

/** Call inside a transaction; the job has no failures stored. */
export async function putFailures(writer: Writer, job: FailedJob, facts: FailureFacts): Promise<void> {
  await saveFacts(writer.store.sql, job, facts);
  for (const one of await occurrencesOf(writer, job, facts)) await putOccurrence(writer, job, one);
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
