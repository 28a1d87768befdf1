/** What a rule would match, before it is saved: failures of the last 30 days, in sight, the newest first. */
import { type CompiledRule, isOfTests } from '#analysis/known-issue.ts';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { listEnvironments } from './environment.ts';
import {
  type Explainable,
  fittingRules,
  IS_EXPLAINABLE,
  matchesOf,
  readCasesFor,
  SELECT_EXPLAINABLE,
  testsExplained,
} from './explain-job.ts';
import { getJobsById, type JobRow } from './job.ts';
import { RECENT_DAYS } from './known-issue.ts';
import { selectEach } from './many-rows.ts';
import { searchLogWithin } from './search-log.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';

export type TriedMatch = { job: JobRow; cases: number; line: number | null };
export type IssueTrial = {
  /** Failed jobs, or results of tests. */
  matches: number;
  jobs: number;
  /** Slugs, in order. */
  sources: string[];
  /** Different tests. */
  tests: number;
  newestAt: Micros | null;
  looked: number;
  /** Older failed jobs were not looked at. */
  moreJobs: boolean;
  /** Jobs whose logs were not read, or not to their end. */
  unreadLogs: number;
  matchesEverything: boolean;
  first: TriedMatch[];
};

const DAY = 86_400_000_000;
const JOBS = 2_000;
const LOGS = 100;
/** Of logs, unpacked: a quarter of a second of CPU where lines are plain. */
const LOG_BYTES = 64 * 2 ** 20;
const FIRST = 10;

type LogSearch = Awaited<ReturnType<typeof searchLogWithin>>;
const NO_LOG: LogSearch = { found: null, isWhole: true };
const UNREAD: LogSearch = { found: null, isWhole: false };
type Found = { job: Explainable; cases: number; tests: string[]; line: number | null };

export async function tryKnownIssue(
  store: Store,
  viewer: Viewer,
  given: CompiledRule,
  now: Micros,
  limits = { jobs: JOBS, logs: LOGS, bytes: LOG_BYTES },
): Promise<IssueTrial> {
  const rule = { ...given, id: 0, revision: 0 };
  const { jobs, isWhole } = await newestFailures(store, viewer, now, limits.jobs);
  const held = jobs.map((job) => ({ job, id: job.id, fitting: fittingRules([rule], job) }));
  const cases = await readCasesFor(store, held);
  const found: Found[] = [];
  const budget = { bytes: limits.bytes };
  let [logs, unreadLogs] = [0, 0];
  for (const { job, fitting } of held) {
    const failing = cases.get(job.id) ?? [];
    if (
      matchesOf(
        job,
        fitting.map((one) => ({ ...one, log: null })),
        failing,
        () => null,
      ).length === 0
    )
      continue;
    let log: LogSearch = NO_LOG;
    if (rule.log !== null) {
      const mayRead = logs++ < limits.logs && budget.bytes > 0;
      log = mayRead ? await searchLogWithin(store, job.logId, [rule], budget) : UNREAD;
    }
    const [match] = matchesOf(job, fitting, failing, ({ id }) => log.found?.get(id) ?? null);
    if (!match) {
      if (!log.isWhole) unreadLogs += 1;
      continue;
    }
    const tests = testsExplained(rule, failing);
    found.push({ job, cases: match.cases, tests, line: match.hit?.line ?? null });
  }
  return summed(store, viewer, rule, found, { looked: jobs.length, moreJobs: !isWhole, unreadLogs });
}

async function newestFailures(
  store: Store,
  viewer: Viewer,
  now: Micros,
  most: number,
): Promise<{ jobs: Explainable[]; isWhole: boolean }> {
  const environments = await listEnvironments(store, viewer, {});
  const jobs = await selectEach<Explainable>(
    store.sql,
    `SELECT * FROM (${SELECT_EXPLAINABLE} WHERE j.env_id = ? AND j.submit_at >= ? AND ${IS_EXPLAINABLE}
       ORDER BY j.submit_at DESC, j.id DESC LIMIT ${most + 1}) e`,
    environments.map(({ id }) => [id, now - RECENT_DAYS * DAY]),
  );
  jobs.sort((a, b) => b.submitAt - a.submitAt || b.id - a.id);
  return { jobs: jobs.slice(0, most), isWhole: jobs.length <= most };
}

async function summed(
  store: Store,
  viewer: Viewer,
  rule: CompiledRule,
  found: readonly Found[],
  looked: Pick<IssueTrial, 'looked' | 'moreJobs' | 'unreadLogs'>,
): Promise<IssueTrial> {
  const ends = found.map(({ job }) => job.endAt ?? job.submitAt);
  const first = found.slice(0, FIRST);
  const rows = await getJobsById(
    store,
    viewer,
    first.map(({ job }) => job.id),
  );
  return {
    matches: isOfTests(rule) ? found.reduce((n, { cases }) => n + cases, 0) : found.length,
    jobs: found.length,
    sources: [...new Set(found.map(({ job }) => fromStored(job.source)))].sort(),
    tests: new Set(found.flatMap(({ tests }) => tests)).size,
    newestAt: ends.length === 0 ? null : Math.max(...ends),
    ...looked,
    matchesEverything: found.length > 0 && found.length === looked.looked,
    first: first.flatMap(({ job, cases, line }) => {
      const row = rows.get(job.id);
      return row ? [{ job: row, cases, line }] : [];
    }),
  };
}
