/** Which known issues explain a job's failure, or tests that failed in it: kept a job, found when the job is written. */

import { failureClass } from '#analysis/failure-class.ts';
import { explainsTest, type FailedJob, fitsJob, isAt, isOfTests } from '#analysis/known-issue.ts';
import { FailureClass, type JobRecord, type Micros } from '#schema/records.ts';
import { type FailingCase, readFailingCases } from './failing-case.ts';
import { hasStep } from './failure-facts.ts';
import { needsTests, type StoredRule } from './issue-rules.ts';
import { type LogFindings, type LogHit, searchStoredLog } from './search-log.ts';
import type { Sql, Store } from './store.ts';
import { FINISHED } from './stored-job.ts';
import { fromStored } from './text.ts';
import type { Writer } from './writer.ts';

/** What of a stored job says whether an issue explains it. */
export type Explainable = {
  id: number;
  envId: number;
  revision: number;
  submitAt: Micros;
  endAt: Micros | null;
  state: number;
  failureClass: number;
  fail: number;
  errorMessage: string | null;
  logId: number | null;
  source: string;
  project: string | null;
  deviceType: string;
};

const FAILED = FailureClass.options.flatMap((name, i) => (hasStep(name) ? [i] : [])).join(', ');
export const IS_EXPLAINABLE = `j.state = ${FINISHED} AND (j.failure_class IN (${FAILED}) OR j.fail > 0)`;
export const SELECT_EXPLAINABLE = `SELECT j.id, j.env_id AS "envId", j.revision, j.submit_at AS "submitAt", j.end_at AS "endAt", j.state,
    j.failure_class AS "failureClass", j.fail, j.error_message AS "errorMessage", j.log_id AS "logId",
    s.slug AS source, p.slug AS project, t.name AS "deviceType"
  FROM job j JOIN env e ON e.id = j.env_id JOIN device_type t ON t.id = e.device_type_id
  JOIN source s ON s.id = j.source_id LEFT JOIN project p ON p.id = j.project_id`;

export type Match = { issueId: number; at: Micros; cases: number; hit: LogHit | null };

export function toFailedJob(job: Explainable): FailedJob {
  return {
    deviceType: fromStored(job.deviceType),
    at: job.endAt ?? job.submitAt,
    hasFailed: hasStep(FailureClass.options[job.failureClass] ?? 'UNCLASSIFIED'),
    errorMessage: job.errorMessage === null ? null : fromStored(job.errorMessage),
  };
}

/** Rules that may explain the job, by all but its tests and its log. */
export function fittingRules(rules: readonly StoredRule[], job: Explainable): StoredRule[] {
  const place = { source: fromStored(job.source), project: job.project === null ? null : fromStored(job.project) };
  const failed = toFailedJob(job);
  if (job.state !== FINISHED) return [];
  return rules.filter((rule) => isAt(rule, place) && fitsJob(rule, failed) && (!isOfTests(rule) || job.fail > 0));
}

/** Those of a job that has not been written yet whose pattern is to be looked for in its log. */
export function rulesForLog(rules: readonly StoredRule[], job: JobRecord, failingTests: number): StoredRule[] {
  const failed = {
    deviceType: job.deviceType ?? '',
    at: job.endAt ?? job.submitAt,
    hasFailed: hasStep(failureClass(job)),
    errorMessage: job.errorMessage,
  };
  if (job.state !== 'FINISHED' || (!failed.hasFailed && failingTests === 0)) return [];
  return rules.filter((rule) => rule.log !== null && fitsJob(rule, failed));
}

/** Of rules that fit the job. Cases: the failed ones of the job, of suites that matter to the rules. */
export function matchesOf(
  job: Explainable,
  fitting: readonly StoredRule[],
  cases: readonly FailingCase[],
  hitOf: (rule: StoredRule) => LogHit | null,
): Match[] {
  return fitting.flatMap((rule) => {
    const explained = isOfTests(rule) ? cases.filter((one) => explainsTest(rule, one)).length : 0;
    if (isOfTests(rule) && explained === 0) return [];
    const hit = rule.log === null ? null : hitOf(rule);
    if (rule.log !== null && hit === null) return [];
    return [{ issueId: rule.id, at: job.endAt ?? job.submitAt, cases: explained, hit }];
  });
}

/** Names of the tests that a rule explains among those that failed, with their suites: as often as they failed. */
export function testsExplained(rule: Pick<StoredRule, 'suite' | 'name'>, cases: readonly FailingCase[]): string[] {
  const tests = { ...NO_RULE, suite: rule.suite, name: rule.name };
  if (!isOfTests(tests)) return [];
  return cases
    .filter((one) => explainsTest(tests, one))
    .map(({ suite, set, name }) => JSON.stringify([suite, set, name]));
}

/** Failed tests of jobs that rules may explain, by job; nothing is read where no rule is about tests. */
export async function readCasesFor(
  store: Store,
  jobs: readonly { id: number; fitting: readonly Pick<StoredRule, 'suite' | 'name'>[] }[],
): Promise<Map<number, FailingCase[]>> {
  const about = jobs.map(({ id, fitting }) => ({
    id,
    rules: fitting.filter((r) => r.suite !== null || r.name !== null),
  }));
  const wanted = about.filter(({ rules }) => rules.length > 0);
  if (wanted.length === 0) return new Map();
  const rules = [...new Set(wanted.flatMap((one) => one.rules))];
  const anyName = { set: null, name: '' };
  const matters = (suite: string) =>
    rules.some((rule) => explainsTest({ ...NO_RULE, suite: rule.suite }, { suite, ...anyName }));
  return readFailingCases(
    store,
    wanted.map(({ id }) => id),
    matters,
  );
}

const NO_RULE = {
  ...{ source: null, project: null, deviceType: null, suite: null, name: null },
  ...{ errorPattern: null, logPattern: null, expiresAt: null },
};

/** Where logs had patterns, as kept with a job's matches: what is known once the log is gone. */
export async function readHits(sql: Sql, jobId: number): Promise<LogFindings> {
  const rows = await sql.all<{ issueId: number } & LogHit>(
    `SELECT issue_id AS "issueId", line, byte_offset AS "byteOffset" FROM known_issue_match
     WHERE job_id = ? AND line IS NOT NULL`,
    jobId,
  );
  return new Map(rows.map(({ issueId, line, byteOffset }) => [issueId, { line, byteOffset }]));
}

/**
 * Call inside a transaction, once the job's rows are in place: its matches become what rules and facts say.
 * `found`: what was found in its log, of rules by id; what is not in it is looked for.
 */
export async function explainJob(writer: Writer, jobId: number, found: LogFindings): Promise<void> {
  const { store } = writer;
  const rules = await writer.issues.current();
  if (rules.length === 0 && writer.issues.broken().length === 0) return;
  await store.sql.run('DELETE FROM known_issue_match WHERE job_id = ?', jobId);
  const job = await store.sql.get<Explainable>(`${SELECT_EXPLAINABLE} WHERE j.id = ?`, jobId);
  if (!job) return;
  const fitting = fittingRules(rules, job);
  const cases = needsTests(fitting) ? ((await readCasesFor(store, [{ id: jobId, fitting }])).get(jobId) ?? []) : [];
  const unread = fitting.filter(({ id, log }) => log !== null && !found.has(id));
  const searched = unread.length > 0 ? await searchStoredLog(store, job.logId, unread) : null;
  const matches = matchesOf(job, fitting, cases, ({ id }) => found.get(id) ?? searched?.get(id) ?? null);
  for (const match of matches) await putMatch(store.sql, job, match);
}

export async function putMatch(
  sql: Sql,
  { id, envId }: { id: number; envId: number },
  { issueId, at, cases, hit }: Match,
): Promise<void> {
  await sql.run(
    `INSERT INTO known_issue_match (env_id, at, issue_id, job_id, cases, line, byte_offset) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (env_id, at, issue_id, job_id)
     DO UPDATE SET cases = excluded.cases, line = excluded.line, byte_offset = excluded.byte_offset`,
    ...[envId, at, issueId, id, cases, hit?.line ?? null, hit?.byteOffset ?? null],
  );
}
