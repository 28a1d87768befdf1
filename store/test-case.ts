/** Results, one by one, unpacked from the runs that hold them. */
import { and, eq, inArray } from 'drizzle-orm';
import type { TestResult } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type CaseName, resultOf, unpackVerdicts, verdictOf } from './codec.ts';
import { metadataOf, unpackDetail } from './detail.ts';
import { readFrame, readFrames } from './frame.ts';
import { getJobsById, type JobFilter, type JobRow, jobKey, listJobs } from './job.ts';
import type { Key, PageRequest } from './page.ts';
import { unpackShape } from './shape-codec.ts';
import type { Store } from './store.ts';
import { joinSuiteName, type RunRow, readRuns } from './suite-run.ts';
import { fromStored, toStored } from './text.ts';
import { TEXT_INDEX } from './text-index.ts';

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
  unit: string | null;
  startLogLine: number | null;
  endLogLine: number | null;
  loggedAt: number | null;
  metadata: string | null;
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

export type CaseFilter = { suite?: string | null; name?: string | null; result?: readonly TestResult[] | null };

export type CasePage = { rows: TestCaseRow[]; hasNext: boolean; hasPrevious: boolean };

/** Cases of one job, in the master's order; keys are (ord, position). */
export async function listJobCases(
  store: Store,
  viewer: Viewer,
  jobId: number,
  filter: CaseFilter,
  page: PageRequest,
): Promise<CasePage> {
  const job = (await getJobsById(store, viewer, [jobId])).get(jobId);
  if (!job) return { rows: [], hasNext: false, hasPrevious: false };
  const found = await casesOf(store, job, filter, { ...page, limit: page.limit + 1 });
  const more = found.length > page.limit;
  const rows = found.slice(0, page.limit);
  if (page.backward) rows.reverse();
  return {
    rows,
    hasNext: page.backward ? page.before !== null : more,
    hasPrevious: page.backward ? more : page.after !== null,
  };
}

/** How many cases match; null when a name is asked for, because that needs the names. */
export async function countJobCases(
  store: Store,
  viewer: Viewer,
  jobId: number,
  filter: CaseFilter,
): Promise<number | null> {
  if (filter.name != null) return null;
  const job = (await getJobsById(store, viewer, [jobId])).get(jobId);
  if (job?.resultsRemovedAt != null) return 0;
  const suites = (await listSuites(store, viewer, [jobId])).get(jobId) ?? [];
  const wanted = filter.result ?? ['PASS', 'FAIL', 'SKIP', 'UNKNOWN'];
  let total = 0;
  for (const s of suites) {
    if (filter.suite != null && s.name !== filter.suite && s.comparableName !== filter.suite) continue;
    for (const result of wanted) total += s[result.toLowerCase() as 'pass' | 'fail' | 'skip' | 'unknown'];
  }
  return total;
}

export async function getTestCase(
  store: Store,
  viewer: Viewer,
  job: JobRow,
  externalId: number,
): Promise<TestCaseRow | null> {
  if (!(await getJobsById(store, viewer, [job.id])).has(job.id)) return null;
  let position = await indexOf(store, job, externalId);
  if (position < 0) return null;
  for (const run of await readRuns(store.sql, job.envId, job.id)) {
    const size = run.pass + run.fail + run.skip + run.unknown;
    if (position < size) {
      const page = { limit: 1, after: [run.ord, position - 1], before: null, backward: false };
      return (await casesOf(store, job, {}, page))[0] ?? null;
    }
    position -= size;
  }
  return null;
}

const SCAN_CHUNK = 25;
const SCAN_LIMIT = 500;

export type ScanPage = CasePage & {
  /** Where the scan stopped, when it stopped before the page was full: the next page (or the one before) goes on there. */
  stoppedAt: Key | null;
};

/**
 * Results over all jobs that match: newest jobs first, inside a job in the master's order; keys are
 * (submit time, job, ord, position). At most 500 jobs are looked at for a page; it may then be short of rows.
 */
export async function listTestCases(
  store: Store,
  viewer: Viewer,
  filter: CaseFilter & { job?: JobFilter },
  page: PageRequest,
): Promise<ScanPage> {
  const jobFilter: JobFilter = { includeHealthChecks: false, ...filter.job, suite: filter.suite ?? undefined };
  if (filter.result && !filter.result.includes('PASS') && filter.result.length === 1 && filter.result[0] === 'FAIL')
    jobFilter.hasFailures = true;
  const rows: TestCaseRow[] = [];
  const from = page.backward ? page.before : page.after;
  const until = page.backward ? page.after : page.before;
  let key: Key | null = from ? [from[0] ?? 0, from[1] ?? 0] : null;
  let inside = from;
  let scanned = 0;
  let first = true;
  while (scanned < SCAN_LIMIT) {
    const jobs = await candidates(store, viewer, jobFilter, key, page.backward, first && inside !== null);
    first = false;
    for (const job of jobs) {
      scanned += 1;
      key = jobKey(job);
      const begins = inside && inside[1] === job.id ? inside.slice(2) : null;
      const ends = until && until[1] === job.id ? until.slice(2) : null;
      inside = null;
      if (until && !ends && compare(key, until) < 0 !== page.backward) return finish(rows, false, page, null);
      const wanted = page.limit + 1 - rows.length;
      rows.push(
        ...(await casesOf(store, job, filter, {
          limit: wanted,
          after: page.backward ? ends : begins,
          before: page.backward ? begins : ends,
          backward: page.backward,
        })),
      );
      if (rows.length > page.limit) return finish(rows.slice(0, page.limit), true, page, null);
      if (ends) return finish(rows, false, page, null);
    }
    if (jobs.length < SCAN_CHUNK) return finish(rows, false, page, null);
  }
  return finish(rows, true, page, key && [...key, page.backward ? -1 : Number.MAX_SAFE_INTEGER, 0]);
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
async function candidates(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  key: Key | null,
  backward: boolean,
  inclusive: boolean,
): Promise<JobRow[]> {
  const again: JobRow[] = [];
  if (inclusive && key) {
    const one = { limit: 1, after: null, before: null, backward: false };
    again.push(...(await listJobs(store, viewer, { ...filter, id: Number(key[1]) }, one)).rows);
  }
  const { rows } = await listJobs(store, viewer, filter, {
    limit: SCAN_CHUNK - again.length,
    after: backward ? null : key,
    before: backward ? key : null,
    backward,
  });
  return [...again, ...(backward ? rows.toReversed() : rows)];
}

const COUNTER = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

/** Matching cases of a job between two places, nearest first, at most `limit`. */
async function casesOf(store: Store, job: JobRow, filter: CaseFilter, page: PageRequest): Promise<TestCaseRow[]> {
  if (job.resultsRemovedAt !== null) return [];
  const runs = await readRuns(store.sql, job.envId, job.id);
  const wanted = filter.result ? new Set(filter.result.map(verdictOf)) : null;
  const chosen: {
    run: RunRow;
    suite: string;
    position: number;
    index: number;
    caseId: number;
    looseName: CaseName | null;
    occurrence: number;
    verdict: number;
  }[] = [];
  const offsets: number[] = [];
  let total = 0;
  for (const run of runs) {
    offsets.push(total);
    total += run.pass + run.fail + run.skip + run.unknown;
  }
  for (const run of page.backward ? runs.toReversed() : runs) {
    if (chosen.length >= page.limit) break;
    if (page.after && run.ord < Number(page.after[0])) continue;
    if (page.before && run.ord > Number(page.before[0])) continue;
    if (filter.result && !filter.result.some((result) => run[COUNTER[result]] > 0)) continue;
    const [suite] = await store.db
      .select({ name: tables.suite.name })
      .from(tables.suite)
      .where(eq(tables.suite.id, run.suiteId));
    const comparable = fromStored(suite?.name ?? '');
    const name = joinSuiteName(run.prefix, comparable);
    if (filter.suite != null && filter.suite !== name && filter.suite !== comparable) continue;
    const size = run.pass + run.fail + run.skip + run.unknown;
    const verdicts = unpackVerdicts(run.verdicts, size);
    const named = filter.name == null ? null : await idsOfName(store, run.suiteId, filter.name);
    const shape = await store.sql.get<{ cases: Buffer }>('SELECT cases FROM shape WHERE id = ?', run.shapeId);
    const { ids: cases, looseNames } = unpackShape(shape?.cases ?? Buffer.alloc(0), size);
    const loose = looseAt(cases, looseNames);
    for (let n = 0; n < size && chosen.length < page.limit; n++) {
      const position = page.backward ? size - 1 - n : n;
      const verdict = verdicts[position] ?? 3;
      const caseId = cases[position] ?? 0;
      if (wanted && !wanted.has(verdict)) continue;
      if (named && !named.has(caseId) && loose.get(position)?.name !== filter.name) continue;
      if (page.after && compare([run.ord, position], page.after) <= 0) continue;
      if (page.before && compare([run.ord, position], page.before) >= 0) continue;
      const looseName = loose.get(position) ?? null;
      const occurrence = looseName
        ? [...loose].filter(([p, other]) => p < position && isSame(other, looseName)).length
        : countBefore(cases, caseId, position);
      chosen.push({
        run,
        suite: name,
        position,
        index: (offsets[run.ord] ?? 0) + position,
        caseId,
        looseName,
        occurrence,
        verdict,
      });
    }
  }
  if (chosen.length === 0) return [];
  const names = await namesOf(store, [...new Set(chosen.map((c) => c.caseId))]);
  let frame: Awaited<ReturnType<typeof readFrame>> = null;
  const rows: TestCaseRow[] = [];
  for (const { run, suite, position, index: indexInJob, caseId, looseName, occurrence, verdict } of chosen) {
    if (!frame || indexInJob < frame.first || indexInJob >= frame.first + frame.detail.externalId.length) {
      frame = await readFrame(store.sql, job, indexInJob);
      if (!frame) throw new Error(`job ${job.slug}/${job.externalId} has runs and no detail`);
    }
    const { detail } = frame;
    const index = indexInJob - frame.first;
    const known = looseName ?? names.get(caseId);
    if (!known) throw new Error(`test case ${caseId} is gone`);
    const { name, set } = known;
    const result = resultOf(verdict);
    rows.push({
      jobId: job.id,
      slug: job.slug,
      epoch: job.epoch,
      jobExternalId: job.externalId,
      submitAt: job.submitAt,
      externalId: detail.externalId[index] ?? 0,
      suite,
      suiteExternalId: run.externalId,
      set,
      setExternalId: detail.setExternalId[index] ?? null,
      name,
      occurrence,
      result,
      measurement: detail.measurement[index] ?? null,
      unit: detail.unit[index] ?? null,
      startLogLine: detail.startLogLine[index] ?? null,
      endLogLine: detail.endLogLine[index] ?? null,
      loggedAt: detail.loggedAt[index] ?? null,
      metadata: metadataOf(detail, index, { name, suite, result, set }),
      ord: run.ord,
      position,
    });
  }
  return rows;
}

/** Names that the shape alone keeps, by position. */
function looseAt(ids: Int32Array, looseNames: () => readonly CaseName[]): Map<number, CaseName> {
  if (!ids.includes(0)) return new Map();
  const positions = [...ids.keys()].filter((i) => ids[i] === 0);
  const names = looseNames();
  return new Map(positions.flatMap((position, i) => (names[i] ? [[position, names[i]] as const] : [])));
}

function isSame(a: CaseName, b: CaseName): boolean {
  return a.name === b.name && a.set === b.set;
}

function countBefore(ids: Int32Array, id: number, position: number): number {
  let count = 0;
  for (let p = ids.indexOf(id); p >= 0 && p < position; p = ids.indexOf(id, p + 1)) count += 1;
  return count;
}

function compare(place: Key, key: Key): number {
  const [a, b] = [Number(place[0]) - Number(key[0]), Number(place[1]) - Number(key[1])];
  return a === 0 ? b : a;
}

/** Index in the job of the case with the number; -1 without one. */
async function indexOf(store: Store, job: JobRow, externalId: number): Promise<number> {
  for (const { first, codec, body } of await readFrames(store.sql, job)) {
    const index = unpackDetail(codec, body).externalId.indexOf(externalId);
    if (index >= 0) return first + index;
  }
  return -1;
}

export async function namesOf(store: Store, ids: readonly number[]): Promise<Map<number, CaseName>> {
  const { testCase } = tables;
  const names = new Map<number, CaseName>();
  for (let i = 0; i < ids.length; i += 500) {
    const rows = await store.db
      .select({ id: testCase.id, name: testCase.name, set: testCase.setName })
      .from(testCase)
      .where(inArray(testCase.id, ids.slice(i, i + 500)));
    for (const row of rows)
      names.set(row.id, { name: fromStored(row.name), set: row.set === null ? null : fromStored(row.set) });
  }
  return names;
}

async function idsOfName(store: Store, suiteId: number, name: string): Promise<Set<number>> {
  const { where, values } = TEXT_INDEX[store.engine].is('name', toStored(name));
  const rows = await store.sql.all<{ id: number }>(
    `SELECT id FROM test_case WHERE suite_id = ? AND ${where}`,
    suiteId,
    ...values,
  );
  return new Set(rows.map((row) => row.id));
}
