/** What a rule would match, before it is saved: failures of the last 30 days, in sight, the newest first. */
import { setImmediate } from 'node:timers/promises';
import { type CompiledRule, isOfTests } from '#analysis/known-issue.ts';
import type { LinearPattern } from '#analysis/linear-pattern.ts';
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
import { searchStoredLog } from './search-log.ts';
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
  truncated: boolean;
  matchesEverything: boolean;
  first: TriedMatch[];
};

const DAY = 86_400_000_000;
const JOBS = 2_000;
const LOGS = 100;
const FIRST = 10;

type Rule = CompiledRule & { log: LinearPattern | null };
type Found = { job: Explainable; cases: number; tests: string[]; line: number | null };

export async function tryKnownIssue(
  store: Store,
  viewer: Viewer,
  given: Rule,
  now: Micros,
  limits = { jobs: JOBS, logs: LOGS },
): Promise<IssueTrial> {
  const rule = { ...given, id: 0, revision: 0 };
  const { jobs, isWhole } = await newestFailures(store, viewer, now, limits.jobs);
  const held = jobs.map((job) => ({ job, id: job.id, fitting: fittingRules([rule], job) }));
  const cases = await readCasesFor(store, held);
  const found: Found[] = [];
  let [logs, unread] = [0, 0];
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
    if (rule.log !== null && logs++ >= limits.logs) {
      unread += 1;
      continue;
    }
    const findings = rule.log === null ? null : await searchStoredLog(store, job.logId, [rule]);
    await setImmediate();
    const [match] = matchesOf(job, fitting, failing, ({ id }) => findings?.get(id) ?? null);
    if (!match) continue;
    const tests = testsExplained(rule, failing);
    found.push({ job, cases: match.cases, tests, line: match.hit?.line ?? null });
  }
  return summed(store, viewer, rule, found, { looked: jobs.length, truncated: !isWhole || unread > 0 });
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
  rule: Rule,
  found: readonly Found[],
  { looked, truncated }: { looked: number; truncated: boolean },
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
    ...{ looked, truncated },
    matchesEverything: looked > 0 && found.length === looked,
    first: first.flatMap(({ job, cases, line }) => {
      const row = rows.get(job.id);
      return row ? [{ job: row, cases, line }] : [];
    }),
  };
}
