/** The facts of jobs that were stored before they were kept, or by another version of the method, from the logs that are kept. */
import { existsSync } from 'node:fs';
import { type FailingStep, failingStep } from '#analysis/failing-step.ts';
import { FINGERPRINT_VERSION } from '#analysis/failure-fingerprint.ts';
import { FAULT_VERSION, type KernelFault } from '#analysis/kernel-fault.ts';
import { FailureClass } from '#schema/records.ts';
import { hasStep, readFacts } from './failure-facts.ts';
import { findFaults } from './log-faults.ts';
import { logPath, readLogFrames } from './log-file.ts';
import { unpackLogIndex } from './log-index.ts';
import { readState, saveState } from './state.ts';
import type { Sql, Store } from './store.ts';
import { FINISHED } from './stored-job.ts';
import { listJobCases, type TestCaseRow } from './test-case.ts';
import { fromStored } from './text.ts';
import { dropFailures, type FailedJob, putFailures, SELECT_FAILED } from './write-failures.ts';
import type { Writer } from './writer.ts';

/** By which facts and fingerprints are made. */
const VERSION = `${FAULT_VERSION}.${FINGERPRINT_VERSION}`;
const STEPS = 1000;

/** Id of the last job whose log was read again; null when all were. */
type Progress = { version: string; doneTo: number | null };

export type OldLogs = {
  signal?: AbortSignal;
  /** A log that is damaged: the job keeps what is known of it. */
  onUnreadable: (job: { source: string; externalId: string }, cause: unknown) => void;
};

type OldJob = FailedJob & { logId: number | null; externalId: string; source: string };

const SELECT_OLD = (which: string) => `SELECT q.*, k.log_id AS "logId", k.external_id AS "externalId", s.slug AS source
  FROM (${SELECT_FAILED} WHERE ${which}) q
  JOIN job k ON k.id = q.id AND k.env_id = q."envId" JOIN source s ON s.id = k.source_id`;

/** Up to where logs were read by this version: the id of a job, null when all were. */
async function readDoneTo(sql: Sql): Promise<number | null> {
  const progress = await readState<Progress>(sql, 'failures');
  return progress?.version === VERSION ? progress.doneTo : 0;
}

/** Until then what is missing is not wrong. */
export async function isEveryLogRead(sql: Sql): Promise<boolean> {
  return (await readDoneTo(sql)) === null;
}

/** Jobs whose logs this version has still to read. */
export async function countOldJobs(sql: Sql): Promise<number> {
  const from = await readDoneTo(sql);
  if (from === null) return 0;
  const row = await sql.get<{ n: number }>(`SELECT count(*) AS n FROM job WHERE id > ? AND state = ${FINISHED}`, from);
  return row?.n ?? 0;
}

/** Reads the logs of up to `most` jobs that this version has not read; false when there are none left. */
export async function readOldFailures(writer: Writer, most: number, how: OldLogs): Promise<boolean> {
  const { sql } = writer.store;
  const from = await readDoneTo(sql);
  if (from === null) return false;
  const jobs = await sql.all<OldJob>(
    `${SELECT_OLD(`j.id > ? AND j.state = ${FINISHED} ORDER BY j.id LIMIT ${most}`)} ORDER BY q.id`,
    from,
  );
  for (const job of jobs) {
    if (how.signal?.aborted) return true;
    const changed = await readOldJob(writer, job, how);
    // Hidden, it has not been read yet; written, it has, and is hidden again only after that.
    if (changed) await readOldJob(writer, changed, how);
  }
  const doneTo = jobs.length < most ? null : (jobs.at(-1)?.id ?? null);
  await writer.transaction(() => saveState(sql, 'failures', { version: VERSION, doneTo } satisfies Progress));
  return doneTo !== null;
}

/** The log is read outside the transaction: a long one holds up nobody. The job as it is now, where it was written or hidden meanwhile. */
async function readOldJob(writer: Writer, job: OldJob, { onUnreadable }: OldLogs): Promise<OldJob | null> {
  const { store } = writer;
  const faults = await faultsOfLog(store, job.logId, (cause) => {
    onUnreadable({ source: fromStored(job.source), externalId: fromStored(job.externalId) }, cause);
  });
  const step = await stepOfStored(store, job);
  return writer.transaction(async () => {
    const now = await store.sql.get<OldJob>(SELECT_OLD('j.id = ?'), job.id);
    if (JSON.stringify(now) !== JSON.stringify(job)) return now ?? null;
    const known = await readFacts(store.sql, job.id);
    await dropFailures(store.sql, job);
    await putFailures(writer, job, { step: step ?? known?.step ?? null, faults: faults ?? known?.faults ?? [] });
    return null;
  });
}

/** Null where there is no log to read, or one that cannot be read. */
async function faultsOfLog(
  { sql, logDir }: Store,
  logId: number | null,
  onUnreadable: (cause: unknown) => void,
): Promise<KernelFault[] | null> {
  const row = await sql.get<{ hash: Buffer; lines: Buffer }>('SELECT hash, lines FROM log WHERE id = ?', logId);
  if (!row || !existsSync(logPath(logDir, row.hash))) return null;
  try {
    return findFaults(readLogFrames(logDir, row.hash, unpackLogIndex(row.lines)));
  } catch (cause) {
    onUnreadable(cause);
    return null;
  }
}

async function stepOfStored(store: Store, job: FailedJob): Promise<FailingStep | null> {
  if (!hasStep(FailureClass.options[job.failureClass] ?? 'UNCLASSIFIED')) return null;
  const suites = await store.sql.all<{ name: string; ord: number }>(
    `SELECT s.name, r.ord FROM suite_run r JOIN suite s ON s.id = r.suite_id
     WHERE r.env_id = ? AND r.job_id = ? AND r.is_steps = 1`,
    ...[job.envId, job.id],
  );
  const ords = new Set(suites.map(({ ord }) => ord));
  const steps: TestCaseRow[] = [];
  for (const name of new Set(suites.map((suite) => fromStored(suite.name)))) {
    for (let after: [number, number] | null | undefined = null; after !== undefined; ) {
      const page = { limit: STEPS, after, before: null, backward: false };
      const { rows, hasNext } = await listJobCases(store, { kind: 'everything' }, job.id, { suite: name }, page);
      steps.push(...rows.filter(({ ord }) => ords.has(ord)));
      const end = rows.at(-1);
      after = hasNext && end ? [end.ord, end.position] : undefined;
    }
  }
  return failingStep(steps.sort((a, b) => a.ord - b.ord || a.position - b.position));
}
