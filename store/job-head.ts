/** Jobs by what their cases need to know of them: lists that look into many jobs and read few columns. */
import { and, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import { FailureClass, JobHealth, type Micros, TestResult } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type JobFilter, jobMatches, joined } from './job.ts';
import { keyset, type PageRequest } from './page.ts';
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
  const row = await store.sql.get<JobHead & { sourceId: number; isPublic: number }>(
    `SELECT j.id, j.env_id AS "envId", s.slug, j.epoch, j.external_id AS "externalId", j.submit_at AS "submitAt",
       j.results_removed_at AS "resultsRemovedAt", j.source_id AS "sourceId", j.is_public AS "isPublic"
     FROM job j JOIN source s ON s.id = j.source_id WHERE j.id = ?`,
    id,
  );
  if (!row || !seesJob(await sightOf(store, viewer), row)) return null;
  return { ...row, externalId: fromStored(row.externalId) };
}

/** Jobs that match, newest submission first, nearest to where the page begins first: at most `limit`. */
export async function listJobHeads(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
): Promise<JobHead[]> {
  const { where, orderBy } = newestFirst(page);
  const rows = await joined(store.db.select(head).from(job).$dynamic())
    .where(and(await jobMatches(store, viewer, filter), where))
    .orderBy(...orderBy)
    .limit(page.limit);
  return rows.map((row) => ({ ...row, externalId: fromStored(row.externalId) }));
}

/** The same with their names. */
export async function listNamedJobs(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
): Promise<NamedJob[]> {
  const { where, orderBy } = newestFirst(page);
  const columns = {
    ...head,
    deviceType: deviceType.name,
    device: device.hostname,
    project: project.slug,
    build: build.version,
    health: job.health,
    failureClass: job.failureClass,
  };
  const rows = await joined(store.db.select(columns).from(job).$dynamic())
    .innerJoin(deviceType, eq(deviceType.id, env.deviceTypeId))
    .leftJoin(device, eq(device.id, job.deviceId))
    .leftJoin(project, eq(project.id, job.projectId))
    .leftJoin(build, eq(build.id, job.buildId))
    .where(and(await jobMatches(store, viewer, filter), where))
    .orderBy(...orderBy)
    .limit(page.limit);
  const text = (value: string | null) => (value === null || value === '' ? null : fromStored(value));
  return rows.map((row) => ({
    ...row,
    externalId: fromStored(row.externalId),
    deviceType: text(row.deviceType),
    device: text(row.device),
    project: text(row.project),
    build: text(row.build),
    health: JobHealth.options[row.health] ?? 'UNKNOWN',
    failureClass: FailureClass.options[row.failureClass] ?? 'UNCLASSIFIED',
  }));
}

function newestFirst(page: PageRequest) {
  return keyset([sql`${job.submitAt}`, sql`${job.id}`], 'desc', page);
}

const COUNTER = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

/** Results of the jobs that match: of their tests, or of the suite that the filter names. What is deleted is not counted. */
export async function countResults(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  results: readonly TestResult[] | null,
): Promise<number> {
  const counters = (results ?? TestResult.options).map((result) => COUNTER[result]);
  const sum = (of: typeof job | typeof suiteRun) =>
    sql<number>`coalesce(sum(${sql.join([sql`0`, ...counters.map((counter) => sql`${of[counter]}`)], sql` + `)}), 0)`;
  const condition = and(await jobMatches(store, viewer, filter), isNull(job.resultsRemovedAt));
  const [row] =
    filter.suite === undefined
      ? await joined(
          store.db
            .select({ n: sum(job) })
            .from(job)
            .$dynamic(),
        ).where(condition)
      : await joined(
          store.db
            .select({ n: sum(suiteRun) })
            .from(job)
            .$dynamic(),
        )
          .innerJoin(suiteRun, and(eq(suiteRun.envId, job.envId), eq(suiteRun.jobId, job.id)))
          .innerJoin(suite, eq(suite.id, suiteRun.suiteId))
          .where(and(condition, isSuite(filter.suite)));
  return row?.n ?? 0;
}

/** With or without the job's index. */
function isSuite(name: string): SQL | undefined {
  const { prefix, name: comparable } = splitSuiteName(name);
  return or(
    eq(suite.name, toStored(name)),
    prefix === null ? undefined : and(eq(suite.name, toStored(comparable)), eq(suiteRun.prefix, prefix)),
  );
}
