/** Results over many jobs. */
import type { Viewer } from '#schema/viewer.ts';
import { type CaseFilter, casesOf, openJob } from './job-cases.ts';
import type { JobFilter } from './job-filter.ts';
import { countResults, type JobHead, type JobSlice, listJobHeads, listNamedJobs, type NamedJob } from './job-head.ts';
import type { Key, Page, PageRequest } from './page.ts';
import type { Store } from './store.ts';
import type { TestCaseRow } from './test-case.ts';

export type ScanFilter = Omit<CaseFilter, 'testsOnly'> & { job?: JobFilter };

export type ScanPage = Page<TestCaseRow> & {
  /** Where the scan stopped, when it stopped before the page was full: the next page (or the one before) goes on there. */
  stoppedAt: Key | null;
};

const SCAN_CHUNK = 25;
const SCAN_LIMIT = 500;

/** Steps of a master are no tests: over many jobs they are there when their suite is asked for. */
function casesWanted({ job: _, ...filter }: ScanFilter): CaseFilter {
  return { ...filter, testsOnly: filter.suite == null };
}

/** Jobs that can hold what is asked for. */
function jobsWanted({ job, suite, result }: ScanFilter): JobFilter {
  const onlyFailures = suite == null && result?.length === 1 && result[0] === 'FAIL';
  return {
    includeHealthChecks: false,
    ...job,
    ...(suite != null && { suite }),
    ...(onlyFailures && { hasFailures: job?.hasFailures ?? true }),
  };
}

/**
 * Results over all jobs that match: newest jobs first, inside a job in the master's order; keys are
 * (submit time, job, ord, position). At most 500 jobs are looked into for a page, and 10,000 at for the next 25 of them;
 * it may then be short of rows.
 */
export async function listTestCases(
  store: Store,
  viewer: Viewer,
  filter: ScanFilter,
  page: PageRequest,
): Promise<ScanPage> {
  const wanted = casesWanted(filter);
  const rows: TestCaseRow[] = [];
  const from = page.backward ? page.before : page.after;
  const until = page.backward ? page.after : page.before;
  let key: Key | null = from ? [from[0] ?? 0, from[1] ?? 0] : null;
  let inside = from;
  let scanned = 0;
  let first = true;
  while (scanned < SCAN_LIMIT) {
    const { jobs, stoppedAt } = await nextJobs(
      store,
      viewer,
      jobsWanted(filter),
      key,
      page.backward,
      first && inside !== null,
    );
    first = false;
    for (const job of jobs) {
      scanned += 1;
      key = [job.submitAt, job.id];
      const begins = inside && inside[1] === job.id ? inside.slice(2) : null;
      const ends = until && until[1] === job.id ? until.slice(2) : null;
      inside = null;
      if (until && !ends && compare(key, until) < 0 !== page.backward) return finish(rows, false, page, null);
      const found = await casesOf(store, await openJob(store, job), wanted, {
        limit: page.limit + 1 - rows.length,
        after: page.backward ? ends : begins,
        before: page.backward ? begins : ends,
        backward: page.backward,
      });
      for (const row of found) rows.push(row);
      if (rows.length > page.limit) return finish(rows.slice(0, page.limit), true, page, null);
      if (ends) return finish(rows, false, page, null);
    }
    if (stoppedAt) return finish(rows, true, page, beyond(stoppedAt, page));
    if (jobs.length < SCAN_CHUNK) return finish(rows, false, page, null);
  }
  return finish(rows, true, page, key && beyond(key, page));
}

/** Where the next page goes on, after all cases of the job. */
function beyond(job: Key, { backward }: PageRequest): Key {
  return [...job, backward ? -1 : Number.MAX_SAFE_INTEGER, 0];
}

/**
 * How many there are, by the counts of jobs and suites; null when a name is asked for, because that needs the names, and
 * when there are more than 10,000 jobs to look at.
 */
export async function countTestCases(store: Store, viewer: Viewer, filter: ScanFilter): Promise<number | null> {
  if (filter.name != null) return null;
  return countResults(store, viewer, jobsWanted(filter), filter.result ?? null);
}

/** Jobs and rows read at a time. */
const EACH_JOBS = 100;
const EACH_ROWS = 500;

/** Some results of a job; a job without one that matches has an empty piece. */
export type CasePiece = { job: NamedJob; rows: TestCaseRow[] };

/**
 * All of them, in the same order, a piece at a time. With `jobId`, all cases of that job, steps among them.
 */
export async function* eachTestCase(
  store: Store,
  viewer: Viewer,
  filter: ScanFilter,
  jobId: number | null = null,
): AsyncGenerator<CasePiece> {
  const jobFilter = jobId === null ? jobsWanted(filter) : { id: jobId, includeHealthChecks: true };
  const wanted = jobId === null ? casesWanted(filter) : filter;
  for (let after: Key | null = null; ; ) {
    const { jobs, stoppedAt }: JobSlice<NamedJob> = await listNamedJobs(store, viewer, jobFilter, {
      ...{ limit: EACH_JOBS, after, before: null, backward: false },
    });
    for (const job of jobs) yield* eachCaseOf(store, job, wanted);
    const last = jobs.at(-1);
    after = stoppedAt ?? (last && jobs.length === EACH_JOBS ? [last.submitAt, last.id] : null);
    if (!after) return;
  }
}

async function* eachCaseOf(store: Store, job: NamedJob, filter: CaseFilter): AsyncGenerator<CasePiece> {
  const open = await openJob(store, job, { whole: true });
  for (let after: Key | null = null; ; ) {
    const page = { limit: EACH_ROWS, after, before: null, backward: false };
    const rows: TestCaseRow[] = await casesOf(store, open, filter, page);
    yield { job, rows };
    const last = rows.at(-1);
    if (!last || rows.length < EACH_ROWS) return;
    after = [last.ord, last.position];
  }
}

function finish(rows: TestCaseRow[], more: boolean, page: PageRequest, stoppedAt: Key | null): ScanPage {
  if (page.backward) rows.reverse();
  return {
    rows,
    hasNext: page.backward ? page.before !== null : more,
    hasPrevious: page.backward ? more : page.after !== null,
    stoppedAt,
  };
}

/** The next jobs to look into; the first time the job the key lies in belongs to them. */
async function nextJobs(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  key: Key | null,
  backward: boolean,
  inclusive: boolean,
): Promise<JobSlice<JobHead>> {
  const again: JobHead[] = [];
  if (inclusive && key) {
    const one = { limit: 1, after: null, before: null, backward: false };
    again.push(...(await listJobHeads(store, viewer, { ...filter, id: Number(key[1]) }, one)).jobs);
  }
  const { jobs, stoppedAt } = await listJobHeads(store, viewer, filter, {
    limit: SCAN_CHUNK - again.length,
    after: backward ? null : key,
    before: backward ? key : null,
    backward,
  });
  return { jobs: [...again, ...jobs], stoppedAt };
}

function compare(place: Key, key: Key): number {
  const [a, b] = [Number(place[0]) - Number(key[0]), Number(place[1]) - Number(key[1])];
  return a === 0 ? b : a;
}
