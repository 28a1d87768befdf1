/** A job as it is stored: what it added to histories and rollups, to take it back or to add it anew. */
import { isInfrastructure } from '#analysis/failure-class.ts';
import { FailureClass, JobHealth, JobState, type Micros } from '#schema/records.ts';
import { insertRun, type Run, removeRun } from './history.ts';
import { type Share, shareRows } from './rollup.ts';
import type { Sql } from './store.ts';
import { type RunRow, readRuns } from './suite-run.ts';
import { createWriter as createBytes, createReader } from './varint.ts';
import type { Writer } from './writer.ts';

export type StoredJob = Omit<Share, 'fate' | 'infrastructure' | 'runs' | 'lostSuites'> & {
  id: number;
  sourceId: number;
  /** See orderNumber. */
  number: number;
  branchId: number | null;
  workerId: number | null;
  state: number;
  health: number;
  failureClass: number;
  /** Packed suite ids. */
  lostSuites: Uint8Array | null;
  logId: number | null;
  logRemovedAt: Micros | null;
  digest: Uint8Array;
  settled: number;
  isPublic: number;
  /** Retention has deleted its single results: it is in no history. */
  resultsRemovedAt: Micros | null;
};

export const SELECT_JOB = `SELECT id, source_id AS "sourceId", number, env_id AS "envId", project_id AS "projectId",
  branch_id AS "branchId", build_id AS "buildId", device_id AS "deviceId", worker_id AS "workerId",
  submit_at AS "submitAt", start_at AS "startAt", end_at AS "endAt", state, health, failure_class AS "failureClass",
  pass, fail, skip, unknown, steps, lost_suites AS "lostSuites", log_id AS "logId",
  log_removed_at AS "logRemovedAt", digest, settled, is_public AS "isPublic", results_removed_at AS "resultsRemovedAt" FROM job`;

export const FINISHED = JobState.options.indexOf('FINISHED');

/** Its runs that are tests, in the source's order. */
export async function testRunsOf(sql: Sql, job: { id: number; envId: number }): Promise<RunRow[]> {
  return (await readRuns(sql, job.envId, job.id)).filter(isTest);
}

export function isTest(run: RunRow): boolean {
  return !run.isSteps;
}

/** Adds the job to histories and rollups; its rows of suite_run are in place. */
export async function addDerived(writer: Writer, job: StoredJob, runs: readonly RunRow[]): Promise<void> {
  const { sql } = writer.store;
  for (const run of placed(job, runs)) await insertRun(sql, writer.shapes, run);
  writer.sums.add(shareRows(shareOf(job, runs)));
}

/** Takes the job out of histories and rollups; its rows of suite_run are still in place. */
export async function removeDerived(writer: Writer, job: StoredJob, runs: readonly RunRow[]): Promise<void> {
  const { sql } = writer.store;
  for (const run of placed(job, runs).reverse()) await removeRun(sql, writer.shapes, run);
  writer.sums.add(shareRows(shareOf(job, runs)), -1);
}

/** The runs as members of their series; a job without a build is in none, nor is one without single results. */
export function placed(
  { branchId, number, ...job }: Pick<StoredJob, 'branchId' | 'submitAt' | 'number' | 'resultsRemovedAt'>,
  runs: readonly RunRow[],
): Run[] {
  if (branchId === null || job.resultsRemovedAt !== null) return [];
  return runs.map((run) => ({ ...run, branchId, at: secondOf(job.submitAt), number }));
}

/** Month of an instant, counted since January 1970: jobs' texts and details are kept by it. */
export function monthOf(at: Micros): number {
  const date = new Date(at / 1000);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

export function secondOf(at: Micros): number {
  return Math.floor(at / 1_000_000);
}

export function shareOf(job: StoredJob, runs: Share['runs']): Share {
  const health = JobHealth.options[job.health];
  const fate =
    job.state !== FINISHED || health === 'UNKNOWN' || health === undefined
      ? 'running'
      : ({ COMPLETE: 'complete', INCOMPLETE: 'incomplete', CANCELED: 'canceled' } as const)[health];
  return {
    ...job,
    fate,
    infrastructure: isInfrastructure(FailureClass.options[job.failureClass] ?? 'NONE'),
    runs,
    lostSuites: job.lostSuites ? unpackIds(job.lostSuites) : [],
  };
}

/** Ids as varints; null for none. */
export function packIds(ids: readonly number[]): Buffer | null {
  if (ids.length === 0) return null;
  const bytes = createBytes();
  for (const id of ids) bytes.uint(id);
  return Buffer.from(bytes.finish());
}

function unpackIds(packed: Uint8Array): number[] {
  const reader = createReader(packed);
  const ids: number[] = [];
  while (!reader.done) ids.push(reader.uint());
  return ids;
}
