/** Results, one by one, unpacked from the runs that hold them. */
import { and, eq, inArray } from 'drizzle-orm';
import type { TestResult } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { unpackExternalIds } from './detail.ts';
import { readFrames } from './frame.ts';
import { getJobsById } from './job.ts';
import { type CaseFilter, casesOf, countCases, openJob } from './job-cases.ts';
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
  const job = await getJobHead(store, viewer, jobId);
  if (!job) return null;
  const index = await indexOf(store, job, externalId);
  const open = await openJob(store, job);
  const run = open.runs.find(({ first, size }) => index >= first && index < first + size);
  if (!run) return null;
  const page = { limit: 1, after: [run.ord, index - run.first - 1], before: null, backward: false };
  return (await casesOf(store, open, {}, page))[0] ?? null;
}

/** Index in the job of the case with the number; -1 without one. */
async function indexOf({ sql }: Store, job: JobHead, externalId: number): Promise<number> {
  for (const { first, codec, body } of await readFrames(sql, job)) {
    const index = unpackExternalIds(codec, body).indexOf(externalId);
    if (index >= 0) return first + index;
  }
  return -1;
}
