/** Results, one by one, unpacked from the runs that hold them. */
import { and, eq, inArray } from 'drizzle-orm';
import type { TestResult } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { unpackExternalIds } from './detail.ts';
import { readFrames } from './frame.ts';
import { getJobsById } from './job.ts';
import { type CaseFilter, casesAt, casesOf, countCases, openJob } from './job-cases.ts';
import { getJobHead, type JobHead } from './job-head.ts';
import { type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { joinSuiteName } from './suite-run.ts';
import { fromStored } from './text.ts';

export type TestCaseRow = {
  jobId: number;
  slug: string;
  epoch: number;
  jobExternalId: string;
  submitAt: number;
  externalId: number;
  suite: string;
  suiteExternalId: number;
  set: string | null;
  setExternalId: number | null;
  name: string;
  occurrence: number;
  result: TestResult;
  measurement: string | null;
  units: string | null;
  startLogLine: number | null;
  endLogLine: number | null;
  loggedAt: number | null;
  /** See metadataOf. */
  template: string | null;
  /** Place in the job: suite and case. */
  ord: number;
  position: number;
};

export type SuiteRow = {
  name: string;
  comparableName: string;
  isSteps: boolean;
  pass: number;
  fail: number;
  skip: number;
  unknown: number;
};

/** Suites of jobs in the master's order, by job. */
export async function listSuites(
  store: Store,
  viewer: Viewer,
  jobIds: readonly number[],
): Promise<Map<number, SuiteRow[]>> {
  const jobs = await getJobsById(store, viewer, jobIds);
  const { suiteRun, suite } = tables;
  const rows = await store.db
    .select({ run: suiteRun, name: suite.name })
    .from(suiteRun)
    .innerJoin(suite, eq(suite.id, suiteRun.suiteId))
    .where(
      and(
        inArray(suiteRun.jobId, [...jobs.keys()]),
        inArray(suiteRun.envId, [...new Set([...jobs.values()].map((j) => j.envId))]),
      ),
    )
    .orderBy(suiteRun.jobId, suiteRun.ord);
  const byJob = new Map<number, SuiteRow[]>();
  for (const { run, name } of rows) {
    const comparableName = fromStored(name);
    const list = byJob.get(run.jobId) ?? [];
    list.push({ ...run, name: joinSuiteName(run.prefix, comparableName), comparableName });
    byJob.set(run.jobId, list);
  }
  return byJob;
}

/** Cases of one job, in the master's order; keys are (ord, position). */
export async function listJobCases(
  store: Store,
  viewer: Viewer,
  jobId: number,
  filter: CaseFilter,
  page: PageRequest,
): Promise<Page<TestCaseRow>> {
  const job = await getJobHead(store, viewer, jobId);
  const found = job ? await casesOf(store, await openJob(store, job), filter, { ...page, limit: page.limit + 1 }) : [];
  return toPage(found, page);
}

/** How many cases match; null when a name is asked for, because that needs the names. */
export async function countJobCases(
  store: Store,
  viewer: Viewer,
  jobId: number,
  filter: CaseFilter,
): Promise<number | null> {
  const job = await getJobHead(store, viewer, jobId);
  return job ? countCases(await openJob(store, job), filter) : 0;
}

export async function getTestCase(
  store: Store,
  viewer: Viewer,
  jobId: number,
  externalId: number,
): Promise<TestCaseRow | null> {
  return (await getCasesByNumber(store, viewer, jobId, [externalId]))[0] ?? null;
}

/** Cases of a job by their numbers on its master, in the master's order; those it has not are left out. */
export async function getCasesByNumber(
  store: Store,
  viewer: Viewer,
  jobId: number,
  externalIds: readonly number[],
): Promise<TestCaseRow[]> {
  const job = await getJobHead(store, viewer, jobId);
  if (!job) return [];
  const indexes = await indexesOf(store, job, new Set(externalIds));
  const open = await openJob(store, job);
  const places = new Map(
    open.runs.map((run) => [
      run,
      indexes.flatMap((index) => (index >= run.first && index < run.first + run.size ? [index - run.first] : [])),
    ]),
  );
  return casesAt(store, open, places);
}

/** Indexes in the job of the cases with the numbers, ascending. */
async function indexesOf({ sql }: Store, job: JobHead, wanted: ReadonlySet<number>): Promise<number[]> {
  const indexes: number[] = [];
  for (const { first, codec, body } of await readFrames(sql, job)) {
    for (const [i, number] of unpackExternalIds(codec, body).entries())
      if (number !== null && wanted.has(number)) indexes.push(first + i);
  }
  return indexes;
}
