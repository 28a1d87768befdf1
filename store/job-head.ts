/** Jobs by what their cases need to know of them: lists that look into many jobs and read few columns. */
import { and, eq, or, type SQL, sql } from 'drizzle-orm';
import { FailureClass, JobHealth, type Micros, TestResult } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { JobFilter } from './job-filter.ts';
import { LOOKED_AT } from './job-order.ts';
import { readInOrder, sumInOrder } from './job-scan.ts';
import { selectIn } from './many-rows.ts';
import type { Key, PageRequest } from './page.ts';
import type { Store } from './store.ts';
import { splitSuiteName } from './suite-run.ts';
import { fromStored, toStored } from './text.ts';
import { seesJob, sightOf } from './visibility.ts';

const { job, source, env, device, deviceType, project, build, suite, suiteRun } = tables;

export type JobHead = {
  id: number;
  envId: number;
  slug: string;
  epoch: number;
  externalId: string;
  submitAt: Micros;
  resultsRemovedAt: Micros | null;
};

/** With what is told of a job beside each of its results. */
export type NamedJob = JobHead & {
  deviceType: string | null;
  device: string | null;
  project: string | null;
  build: string | null;
  health: JobHealth;
  failureClass: FailureClass;
};

const head = {
  id: job.id,
  envId: job.envId,
  slug: source.slug,
  epoch: job.epoch,
  externalId: job.externalId,
  submitAt: job.submitAt,
  resultsRemovedAt: job.resultsRemovedAt,
};

export async function getJobHead(store: Store, viewer: Viewer, id: number): Promise<JobHead | null> {
  return (await getJobHeads(store, viewer, [id])).get(id) ?? null;
}

export async function getJobHeads(store: Store, viewer: Viewer, ids: readonly number[]): Promise<Map<number, JobHead>> {
  const sight = await sightOf(store, viewer);
  const rows = await selectIn<JobHead & { sourceId: number; isPublic: number }>(
    store.sql,
    `SELECT j.id, j.env_id AS "envId", s.slug, j.epoch, j.external_id AS "externalId", j.submit_at AS "submitAt",
       j.results_removed_at AS "resultsRemovedAt", j.source_id AS "sourceId", j.is_public AS "isPublic"
     FROM job j JOIN source s ON s.id = j.source_id WHERE j.id`,
    [],
    ids,
  );
  const seen = rows.filter((row) => seesJob(sight, row));
  return new Map(seen.map((row) => [row.id, { ...row, externalId: fromStored(row.externalId) }]));
}

/** Jobs that match, and where looking for them stopped when more may match. */
export type JobSlice<Job> = { jobs: Job[]; stoppedAt: Key | null };

/** Jobs that match, newest submission first, nearest to where the page begins first: at most `limit` of the next 10,000. */
export async function listJobHeads(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
): Promise<JobSlice<JobHead>> {
  const { rows, stoppedAt } = await readInOrder(store, viewer, filter, page, {
    atMost: LOOKED_AT,
    read: (where, orderBy) =>
      store.db
        .select(head)
        .from(job)
        .innerJoin(source, eq(source.id, job.sourceId))
        .where(where)
        .orderBy(...orderBy),
  });
  return { jobs: rows.map((row) => ({ ...row, externalId: fromStored(row.externalId) })), stoppedAt };
}

const named = {
  ...head,
  deviceType: deviceType.name,
  device: device.hostname,
  project: project.slug,
  build: build.version,
  health: job.health,
  failureClass: job.failureClass,
};

/** The same with their names. */
export async function listNamedJobs(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
): Promise<JobSlice<NamedJob>> {
  const { rows, stoppedAt } = await readInOrder(store, viewer, filter, page, {
    atMost: LOOKED_AT,
    read: (where, orderBy) =>
      store.db
        .select(named)
        .from(job)
        .innerJoin(source, eq(source.id, job.sourceId))
        .innerJoin(env, eq(env.id, job.envId))
        .innerJoin(deviceType, eq(deviceType.id, env.deviceTypeId))
        .leftJoin(device, eq(device.id, job.deviceId))
        .leftJoin(project, eq(project.id, job.projectId))
        .leftJoin(build, eq(build.id, job.buildId))
        .where(where)
        .orderBy(...orderBy),
  });
  const text = (value: string | null) => (value === null || value === '' ? null : fromStored(value));
  const jobs = rows.map((row) => ({
    ...row,
    externalId: fromStored(row.externalId),
    deviceType: text(row.deviceType),
    device: text(row.device),
    project: text(row.project),
    build: text(row.build),
    health: JobHealth.options[row.health] ?? 'UNKNOWN',
    failureClass: FailureClass.options[row.failureClass] ?? 'UNCLASSIFIED',
  }));
  return { jobs, stoppedAt };
}

const COUNTER = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

/**
 * Results of the jobs that match: of their tests, or of the suite that the filter names. What is deleted is not counted.
 * Null when there are more than 10,000 jobs to look at.
 */
export async function countResults(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  results: readonly TestResult[] | null,
): Promise<number | null> {
  const counters = (results ?? TestResult.options).map((result) => COUNTER[result]);
  const counted = (of: typeof job | typeof suiteRun) =>
    sql.join([sql`0`, ...counters.map((counter) => sql`${of[counter]}`)], sql` + `);
  const share =
    filter.suite == null
      ? counted(job)
      : sql`(SELECT coalesce(sum(${counted(suiteRun)}), 0) FROM suite_run JOIN suite ON suite.id = suite_run.suite_id
          WHERE suite_run.env_id = ${job.envId} AND suite_run.job_id = ${job.id} AND ${isSuite(filter.suite)})`;
  const kept = sql`CASE WHEN ${job.resultsRemovedAt} IS NULL THEN ${share} ELSE 0 END`;
  const { count, isExact } = await sumInOrder(store, viewer, filter, kept);
  return isExact ? count : null;
}

/** With or without the job's index. */
function isSuite(name: string): SQL | undefined {
  const { prefix, name: comparable } = splitSuiteName(name);
  return or(
    eq(suite.name, toStored(name)),
    prefix === null ? undefined : and(eq(suite.name, toStored(comparable)), eq(suiteRun.prefix, prefix)),
  );
}
