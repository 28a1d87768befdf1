/** Failure groups as the facts of the jobs say, and the facts of jobs that were stored before they were kept. */
import { existsSync } from 'node:fs';
import { type FailingStep, failingStep } from '#analysis/failing-step.ts';
import { FINGERPRINT_VERSION } from '#analysis/failure-fingerprint.ts';
import { FAULT_VERSION, type KernelFault } from '#analysis/kernel-fault.ts';
import { FailureClass } from '#schema/records.ts';
import { hasStep, parseFacts, readFacts } from './failure-facts.ts';
import { logPath, readLogFrames } from './log-file.ts';
import { unpackLogIndex } from './log-index.ts';
import { packLog } from './pack-log.ts';
import type { Difference } from './rebuild-rollups.ts';
import { readState, saveState } from './state.ts';
import type { Store } from './store.ts';
import { FINISHED } from './stored-job.ts';
import { listJobCases, type TestCaseRow } from './test-case.ts';
import { fromStored } from './text.ts';
import {
  dropFailures,
  type FailedJob,
  type Occurrence,
  occurrencesOf,
  putFailures,
  putOccurrence,
  SELECT_FAILED,
} from './write-failures.ts';
import type { Writer } from './writer.ts';

/** By which facts and fingerprints are made. */
const VERSION = `${FAULT_VERSION}.${FINGERPRINT_VERSION}`;
const JOBS = 500;
const STEPS = 1000;

/** Id of the last job whose log was read again; null when all were. */
type Progress = { version: string; doneTo: number | null };

type Stored = { jobId: number; at: number; fingerprint: string; groupId: number; line: number | null };

/** Occurrences of one environment; none is wrong while logs are still read again. */
export async function mendFailures(writer: Writer, envId: number): Promise<Difference[]> {
  const { sql } = writer.store;
  const difference = { table: 'failure_occurrence', missing: 0, extra: 0, wrong: 0 };
  const progress = await readState<Progress>(sql, 'failures');
  if (progress?.version !== VERSION || progress.doneTo !== null) return [difference];
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

type OldJob = FailedJob & { logId: number | null };

/** Reads the logs of up to `most` jobs that this version has not read; false when there are none left. */
export async function readOldFailures(writer: Writer, most: number, signal?: AbortSignal): Promise<boolean> {
  const { sql } = writer.store;
  const progress = await readState<Progress>(sql, 'failures');
  if (progress?.version === VERSION && progress.doneTo === null) return false;
  const jobs = await sql.all<OldJob>(
    `SELECT q.*, k.log_id AS "logId" FROM (${SELECT_FAILED} WHERE j.id > ? AND j.state = ${FINISHED} ORDER BY j.id LIMIT ${most}) q
     JOIN job k ON k.id = q.id AND k.env_id = q."envId" ORDER BY q.id`,
    progress?.version === VERSION ? progress.doneTo : 0,
  );
  for (const job of jobs) {
    if (signal?.aborted) return true;
    await readOldJob(writer, job);
  }
  const doneTo = jobs.length < most ? null : (jobs.at(-1)?.id ?? null);
  await writer.transaction(() => saveState(sql, 'failures', { version: VERSION, doneTo } satisfies Progress));
  return doneTo !== null;
}

/** The log is read outside the transaction: a long one holds up nobody. */
async function readOldJob(writer: Writer, job: OldJob): Promise<void> {
  const { store } = writer;
  const faults = await faultsOfLog(store, job.logId);
  const step = await stepOfStored(store, job);
  await writer.transaction(async () => {
    const now = await store.sql.get<OldJob>(
      `SELECT q.*, k.log_id AS "logId" FROM (${SELECT_FAILED} WHERE j.id = ?) q JOIN job k ON k.id = q.id AND k.env_id = q."envId"`,
      job.id,
    );
    // Written, hidden or removed meanwhile: whoever did that knew this version.
    if (JSON.stringify(now) !== JSON.stringify(job)) return;
    const known = await readFacts(store.sql, job.id);
    await dropFailures(store.sql, job);
    await putFailures(writer, job, { step: step ?? known?.step ?? null, faults: faults ?? known?.faults ?? [] });
  });
}

/** Null where there is no log to read. */
async function faultsOfLog({ sql, logDir }: Store, logId: number | null): Promise<KernelFault[] | null> {
  const row = await sql.get<{ hash: Buffer; lines: Buffer }>('SELECT hash, lines FROM log WHERE id = ?', logId);
  if (!row || !existsSync(logPath(logDir, row.hash))) return null;
  return packLog(readLogFrames(logDir, row.hash, unpackLogIndex(row.lines)), () => undefined).faults;
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
