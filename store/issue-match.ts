/** Which failures known issues explain, told of jobs in sight. Issues that have expired explain nothing. */
import { explainsTest, isOfTests } from '#analysis/known-issue.ts';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { readFailingCases } from './failing-case.ts';
import { type GroupScope, occurrencesIn } from './failure-group.ts';
import { idList, LISTED } from './id-list.ts';
import { changeInSight, isNotExpired, issueIsVisible, matchIsVisible } from './issue-sight.ts';
import { getJobsById, type JobRow } from './job.ts';
import { getIssuesById, type IssueRow } from './known-issue.ts';
import { selectIn } from './many-rows.ts';
import { compareKeys, isOnPage, type Key, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';

export type JobMatch = { issue: IssueRow; cases: number; line: number | null; at: Micros };
type Row = { issueId: number; jobId: number; cases: number; line: number | null; at: Micros };

/** By job, issues of jobs before those of tests. */
export async function getIssuesOfJobs(
  store: Store,
  viewer: Viewer,
  jobIds: readonly number[],
  now: Micros,
): Promise<Map<number, JobMatch[]>> {
  const jobs = await getJobsById(store, viewer, jobIds);
  return issuesOfSeenJobs(store, viewer, [...jobs.keys()], now);
}

/** The same of jobs that are known to be in sight. */
export async function issuesOfSeenJobs(
  store: Store,
  viewer: Viewer,
  jobIds: readonly number[],
  now: Micros,
): Promise<Map<number, JobMatch[]>> {
  const rows = await selectIn<Row>(
    store.sql,
    `SELECT m.issue_id AS "issueId", m.job_id AS "jobId", m.cases, m.line, m.at FROM known_issue_match m WHERE m.job_id`,
    [],
    jobIds,
  );
  const issues = await getIssuesById(store, viewer, [...new Set(rows.map(({ issueId }) => issueId))]);
  const found = rows.flatMap(({ issueId, ...row }) => {
    const issue = issues.get(issueId);
    return issue && (issue.expiresAt === null || issue.expiresAt > now) ? [{ ...row, issue }] : [];
  });
  found.sort((a, b) => a.cases - b.cases || b.issue.id - a.issue.id);
  return Map.groupBy(found, ({ jobId }) => jobId);
}

/** Those of a job's issues that explain a failed test of it. */
export function issuesOfTest(
  matches: readonly JobMatch[],
  test: { suite: string; set: string | null; name: string },
): JobMatch[] {
  return matches.filter(({ issue }) => isOfTests(issue) && explainsTest(issue, test));
}

export type IssueMatch = { job: JobRow; at: Micros; cases: number; line: number | null };

/** The last that ended first, then by what sources call their jobs: no numbers of this store, which another may not share. */
export function matchKey({ job, at }: IssueMatch): Key {
  return [-at, job.slug, job.epoch, job.externalId];
}

/** Of one issue. Only jobs that ended as those of the page did are read, however many the issue has. */
export async function listMatches(
  store: Store,
  viewer: Viewer,
  issueId: number,
  page: PageRequest,
): Promise<Page<IssueMatch>> {
  const { after, before, backward, limit } = page;
  const within = await matchIsVisible(store, viewer);
  const [newest, oldest] = [after, before].map((key) => (key === null ? null : -Number(key[0])));
  const bounds = [
    ...(newest == null ? [] : [['m.at <= ?', newest] as const]),
    ...(oldest == null ? [] : [['m.at >= ?', oldest] as const]),
  ];
  const where = ['m.issue_id = ?', within.text, ...bounds.map(([text]) => text)].join(' AND ');
  const values = [issueId, ...within.values, ...bounds.map(([, at]) => at)];
  // From where the page begins on, but for what ended at that very instant: as many as are told, and one more.
  const [beyond, from, direction, upTo] = backward ? ['>', oldest, 'ASC', '<='] : ['<', newest, 'DESC', '>='];
  const last = await store.sql.get<{ at: Micros }>(
    `SELECT m.at FROM known_issue_match m WHERE ${where}${from == null ? '' : ` AND m.at ${beyond} ?`}
     ORDER BY m.at ${direction} LIMIT 1 OFFSET ${limit}`,
    ...[...values, ...(from == null ? [] : [from])],
  );
  const rows = await store.sql.all<Row>(
    `SELECT m.job_id AS "jobId", m.cases, m.line, m.at FROM known_issue_match m WHERE ${where}${last ? ` AND m.at ${upTo} ?` : ''}`,
    ...[...values, ...(last ? [last.at] : [])],
  );
  const jobs = await getJobsById(
    store,
    viewer,
    rows.map(({ jobId }) => jobId),
  );
  const found = rows
    .flatMap(({ jobId, cases, line, at }): IssueMatch[] => {
      const job = jobs.get(jobId);
      return job ? [{ job, at, cases, line }] : [];
    })
    .map((match) => ({ match, key: matchKey(match) }))
    .filter(({ key }) => isOnPage(key, page))
    .sort((a, b) => (backward ? compareKeys(b.key, a.key) : compareKeys(a.key, b.key)))
    .slice(0, limit + 1);
  return toPage(
    found.map(({ match }) => match),
    page,
  );
}

export type GroupIssue = { issue: IssueRow; jobs: number };
const OF_GROUP = 10;

/** By failure group: issues that explain how its jobs failed, those of the most jobs first. */
export async function getIssuesOfGroups(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  scope: GroupScope,
  now: Micros,
): Promise<Map<number, GroupIssue[]>> {
  const within = await occurrencesIn(store, viewer, scope, groupIds);
  if (within === null) return new Map();
  const rows = await store.sql.all<{ groupId: number; issueId: number; jobs: number }>(
    `SELECT o.group_id AS "groupId", m.issue_id AS "issueId", count(*) AS jobs
     FROM ${within.text} o JOIN known_issue_match m ON m.job_id = o.job_id AND m.env_id = o.env_id AND m.cases = 0
     GROUP BY o.group_id, m.issue_id ORDER BY 3 DESC, 2 DESC`,
    ...within.values,
  );
  const issues = await getIssuesById(store, viewer, [...new Set(rows.map(({ issueId }) => issueId))]);
  const found = rows.flatMap(({ groupId, issueId, jobs }) => {
    const issue = issues.get(issueId);
    return issue && (issue.expiresAt === null || issue.expiresAt > now) ? [{ groupId, issue, jobs }] : [];
  });
  return new Map([...Map.groupBy(found, ({ groupId }) => groupId)].map(([id, of]) => [id, of.slice(0, OF_GROUP)]));
}

export type FailingIn = {
  /** Of the build in which it fails. */
  buildId: number;
  suite: string;
  set: string | null;
  name: string;
  deviceType: string;
};

/** Jobs of a build in which a test is looked for. */
const JOBS_OF_BUILD = 50;

/** An issue for each test that explains it in a job of the build; null where none does. */
export async function getIssuesOfTests(
  store: Store,
  viewer: Viewer,
  tests: readonly FailingIn[],
  now: Micros,
): Promise<(IssueRow | null)[]> {
  const within = await matchIsVisible(store, viewer);
  const visible = await issueIsVisible(store, viewer);
  const expiry = isNotExpired(now);
  const rows = await store.sql.all<{ issueId: number; jobId: number; buildId: number; deviceType: string }>(
    `SELECT m.issue_id AS "issueId", m.job_id AS "jobId", j.build_id AS "buildId", t.name AS "deviceType"
     FROM job j JOIN known_issue_match m ON m.job_id = j.id AND m.env_id = j.env_id JOIN known_issue i ON i.id = m.issue_id
     JOIN env e ON e.id = j.env_id JOIN device_type t ON t.id = e.device_type_id
     WHERE j.build_id IN ${LISTED[store.engine]} AND m.cases > 0 AND ${within.text} AND ${visible.text} AND ${expiry.text}
     ORDER BY m.issue_id DESC, m.job_id DESC`,
    ...[idList(new Set(tests.map(({ buildId }) => buildId))), ...within.values, ...visible.values, ...expiry.values],
  );
  const issues = await getIssuesById(store, viewer, [...new Set(rows.map(({ issueId }) => issueId))]);
  const byBuild = Map.groupBy(rows, ({ buildId }) => buildId);
  const candidates = tests.map((test) =>
    (byBuild.get(test.buildId) ?? [])
      .flatMap(({ issueId, jobId, deviceType }) => {
        const issue = issues.get(issueId);
        return issue && deviceType === test.deviceType && explainsTest(issue, test) ? [{ issue, jobId }] : [];
      })
      .slice(0, JOBS_OF_BUILD),
  );
  const suites = new Set(tests.map(({ suite }) => suite));
  const jobIds = [...new Set(candidates.flat().map(({ jobId }) => jobId))];
  const failing = await readFailingCases(store, jobIds, (suite) => suites.has(suite));
  return tests.map(({ suite, set, name }, i) => {
    const isIt = (one: { suite: string; set: string | null; name: string }) =>
      one.suite === suite && one.set === set && one.name === name;
    return candidates[i]?.find(({ jobId }) => failing.get(jobId)?.some(isIt))?.issue ?? null;
  });
}

export type IssueChange = {
  id: number;
  at: Micros;
  actor: string;
  action: string;
  before: string | null;
  after: string | null;
};

const CHANGES = 100;

/** Of an issue that the viewer may see, the last first, but for what was about a source that he does not see; visitors are told none. */
export async function listChanges(store: Store, viewer: Viewer, target: string): Promise<IssueChange[]> {
  if (viewer.kind === 'anonymous') return [];
  const rows = await store.sql.all<IssueChange>(
    `SELECT id, at, actor, action, before, after FROM audit_event WHERE target = ? ORDER BY id DESC LIMIT ${CHANGES}`,
    target,
  );
  return rows.filter(await changeInSight(store, viewer));
}
