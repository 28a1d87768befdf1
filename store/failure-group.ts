/** Failure groups: which failures are the same, how many jobs they hit, since when and where. */
import { fingerprintOfFault, GROUP_KINDS, type GroupKind } from '#analysis/failure-fingerprint.ts';
import type { KernelFault } from '#analysis/kernel-fault.ts';
import { FailureClass, type Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { listEnvironments, type Scope } from './environment.ts';
import { parseFacts } from './failure-facts.ts';
import { issueIsVisible } from './issue-sight.ts';
import { getJobsById } from './job.ts';
import { selectIn } from './many-rows.ts';
import { readMerges } from './merged-groups.ts';
import { type Key, type Page, type PageRequest, toPage } from './page.ts';
import type { Store, Value } from './store.ts';
import { toStored } from './text.ts';

/** Part of the world and of time that a group is looked at in: whatever is told of it is of this part. */
export type GroupScope = Pick<Scope, 'sources' | 'deviceTypes' | 'since' | 'until'>;

export type FailureGroupFilter = {
  scope: GroupScope;
  class?: readonly FailureClass[] | null;
  kind?: readonly GroupKind[] | null;
  /** Groups of fewer jobs are left out. */
  minCount: number;
  /** Whether somebody has said what it is and it has not failed after that was said to be fixed. */
  triaged?: boolean | null;
  /** What somebody has said that it is. */
  triage?: readonly string[] | null;
};

/** The most jobs first; or the most of what is multiplied: labs, builds and jobs; or that whose first job ended last. */
export type GroupOrder = 'JOBS' | 'IMPACT' | 'FIRST_SEEN';

/** What follows from the fingerprint. */
export type GroupName = {
  id: number;
  fingerprint: string;
  kind: GroupKind;
  failureClass: FailureClass;
  title: string;
  why: string;
};

/** Of the jobs in sight and in scope: how many, and when the first and the last ended. */
export type GroupSum = { count: number; firstSeen: Micros; lastSeen: Micros };

export type FailureGroupRow = GroupName & GroupSum;
/** By what it has its place in a list. */
export type ListedGroup = FailureGroupRow & { rank: number };

type Packed<Row> = Omit<Row, 'kind' | 'failureClass'> & { kind: number; failureClass: number };
export type Where = { text: string; values: readonly Value[] };

const GROUP = 'g.id, g.fingerprint, g.kind, g.failure_class AS "failureClass", g.title, g.why';

/**
 * Occurrences in scope that the viewer may see, as a table: a row for each job and group, where groups that people merged
 * are one. Null where there can be none. `groupIds`: of these groups only.
 */
export async function occurrencesIn(
  store: Store,
  viewer: Viewer,
  scope: GroupScope,
  groupIds: readonly number[] | null = null,
): Promise<Where | null> {
  const environments = await listEnvironments(store, viewer, scope);
  if (environments.length === 0 || groupIds?.length === 0) return null;
  const merges = await readMerges(store, viewer);
  const { text, group, values: joined } = merges.joined;
  const clauses = [`p.env_id IN (${environments.map(() => '?').join(', ')})`];
  const values: Value[] = [...joined, ...environments.map(({ id }) => id)];
  for (const [instant, compare] of [
    [scope.since, '>='],
    [scope.until, '<'],
  ] as const) {
    if (instant == null) continue;
    clauses.push(`p.at ${compare} ?`);
    values.push(instant);
  }
  if (groupIds) {
    const members = [...new Set(groupIds.flatMap((id) => merges.membersOf(id)))];
    clauses.push(`p.group_id IN (${members.map(() => '?').join(', ')})`);
    values.push(...members);
  }
  // A job may be in two of the groups that are one: it counts once.
  const [line, once] = merges.isNone ? ['p.line', ''] : ['min(p.line)', 'GROUP BY 1, 2, 3, 4'];
  return {
    text: `(SELECT p.env_id, p.at, ${group} AS group_id, p.job_id, ${line} AS line FROM failure_occurrence p ${text}
      WHERE ${clauses.join(' AND ')} ${once})`,
    values,
  };
}

/** A group that no build is known of counts as one of one build. */
const RANK: Record<GroupOrder, { of: string; joined: string }> = {
  JOBS: { of: 'count(*)', joined: '' },
  FIRST_SEEN: { of: 'min(o.at)', joined: '' },
  IMPACT: {
    of: `count(*) * count(DISTINCT e.source_id)
      * CASE WHEN count(DISTINCT j.build_id) = 0 THEN 1 ELSE count(DISTINCT j.build_id) END`,
    joined: 'JOIN job j ON j.id = o.job_id AND j.env_id = o.env_id JOIN env e ON e.id = o.env_id',
  },
};

function counted({ text }: Where, order: GroupOrder = 'JOBS'): string {
  const { of, joined } = RANK[order];
  return `SELECT o.group_id AS id, count(*) AS count, min(o.at) AS "firstSeen", max(o.at) AS "lastSeen", ${of} AS rank
    FROM ${text} o ${joined} GROUP BY o.group_id`;
}

/** Of a group `g` whose jobs `q` sums up: triaged, and not failing again after that was said to be fixed, as far as the viewer sees its issue. */
async function isTriaged(store: Store, viewer: Viewer): Promise<Where> {
  const { text, values } = await issueIsVisible(store, viewer);
  return {
    text: `EXISTS (SELECT 1 FROM group_triage t LEFT JOIN known_issue i ON i.id = t.known_issue_id AND ${text}
      WHERE t.fingerprint = g.fingerprint AND (i.fixed_at IS NULL OR i.fixed_at >= q."lastSeen"))`,
    values,
  };
}

async function groupIs(
  store: Store,
  viewer: Viewer,
  { class: classes, kind, minCount, triaged, triage }: FailureGroupFilter,
): Promise<Where> {
  const clauses = ['q.count >= ?'];
  const values: Value[] = [minCount];
  for (const [column, wanted] of [
    ['failure_class', classes?.map((one) => FailureClass.options.indexOf(one))],
    ['kind', kind?.map((one) => GROUP_KINDS.indexOf(one))],
  ] as const) {
    if (!wanted) continue;
    clauses.push(wanted.length === 0 ? '1 = 0' : `g.${column} IN (${wanted.map(() => '?').join(', ')})`);
    values.push(...wanted);
  }
  if (triaged != null) {
    const is = await isTriaged(store, viewer);
    clauses.push(triaged ? is.text : `NOT ${is.text}`);
    values.push(...is.values);
  }
  if (triage) {
    const states = triage.length === 0 ? '1 = 0' : `t.state IN (${triage.map(() => '?').join(', ')})`;
    clauses.push(`EXISTS (SELECT 1 FROM group_triage t WHERE t.fingerprint = g.fingerprint AND ${states})`);
    values.push(...triage);
  }
  return { text: clauses.join(' AND '), values };
}

/** Of those in sight; the id makes the order total. */
export async function listFailureGroups(
  store: Store,
  viewer: Viewer,
  filter: FailureGroupFilter,
  page: PageRequest,
  order: GroupOrder = 'JOBS',
): Promise<Page<ListedGroup>> {
  const within = await occurrencesIn(store, viewer, filter.scope);
  if (within === null) return { rows: [], hasNext: false, hasPrevious: false };
  const { after, before, backward, limit } = page;
  const clauses: Where[] = [await groupIs(store, viewer, filter)];
  if (after) clauses.push({ text: '(q.rank, q.id) < (?, ?)', values: after });
  if (before) clauses.push({ text: '(q.rank, q.id) > (?, ?)', values: before });
  const direction = backward ? 'ASC' : 'DESC';
  const rows = await store.sql.all<Packed<ListedGroup>>(
    `SELECT ${GROUP}, q.count, q."firstSeen", q."lastSeen", q.rank FROM (${counted(within, order)}) q JOIN failure_group g ON g.id = q.id
     WHERE ${clauses.map(({ text }) => text).join(' AND ')}
     ORDER BY q.rank ${direction}, q.id ${direction} LIMIT ${limit + 1}`,
    ...[...within.values, ...clauses.flatMap(({ values }) => values)],
  );
  return toPage(rows.map(unpacked), page);
}

export async function countFailureGroups(store: Store, viewer: Viewer, filter: FailureGroupFilter): Promise<number> {
  const within = await occurrencesIn(store, viewer, filter.scope);
  if (within === null) return 0;
  const is = await groupIs(store, viewer, filter);
  const row = await store.sql.get<{ n: number }>(
    `SELECT count(*) AS n FROM (${counted(within)}) q JOIN failure_group g ON g.id = q.id WHERE ${is.text}`,
    ...[...within.values, ...is.values],
  );
  return row?.n ?? 0;
}

/** Of one that was merged, what it is part of. Null when there is none, or the viewer may see none of its jobs: the two are one. */
export async function getFailureGroup(
  store: Store,
  viewer: Viewer,
  fingerprint: string,
  scope: GroupScope = {},
): Promise<FailureGroupRow | null> {
  const named = await store.sql.get<{ id: number }>(
    'SELECT id FROM failure_group WHERE fingerprint = ?',
    toStored(fingerprint),
  );
  if (!named) return null;
  const id = (await readMerges(store, viewer)).intoOf(named.id);
  const within = await occurrencesIn(store, viewer, scope, [id]);
  if (within === null) return null;
  const row = await store.sql.get<Packed<FailureGroupRow>>(
    `SELECT ${GROUP}, q.count, q."firstSeen", q."lastSeen" FROM (${counted(within)}) q JOIN failure_group g ON g.id = q.id`,
    ...within.values,
  );
  return row ? unpacked(row) : null;
}

export function failureGroupKey({ rank, id }: ListedGroup): Key {
  return [rank, id];
}

export type JobGroup = { jobId: number /** Where in its log. */; line: number | null; group: GroupName };

/** Groups that jobs are in, of those that the viewer may see; in the order of the log, those without a place last. */
export async function getGroupsOfJobs(
  store: Store,
  viewer: Viewer,
  jobIds: readonly number[],
): Promise<Map<number, JobGroup[]>> {
  const jobs = await getJobsById(store, viewer, jobIds);
  const { text, group: groupId, values } = (await readMerges(store, viewer)).joined;
  const rows = await selectIn<Packed<GroupName> & Pick<JobGroup, 'jobId' | 'line'>>(
    store.sql,
    `SELECT p.job_id AS "jobId", p.line, ${GROUP} FROM failure_occurrence p ${text}
     JOIN failure_group g ON g.id = ${groupId} WHERE p.job_id`,
    values,
    [...jobs.keys()],
  );
  const place = ({ line }: JobGroup) => line ?? Number.MAX_SAFE_INTEGER;
  const found = rows
    .map(({ jobId, line, ...group }): JobGroup => ({ jobId, line, group: unpacked(group) }))
    .sort((a, b) => place(a) - place(b) || (a.group.fingerprint < b.group.fingerprint ? -1 : 1));
  // Of two that are one, the first in the log.
  const once = new Map(found.toReversed().map((one) => [`${one.jobId} ${one.group.id}`, one]));
  return Map.groupBy([...once.values()].toReversed(), ({ jobId }) => jobId);
}

function unpacked<Row extends { kind: number; failureClass: number }>(row: Row) {
  return {
    ...row,
    kind: GROUP_KINDS[row.kind] ?? 'JOB',
    failureClass: FailureClass.options[row.failureClass] ?? 'UNCLASSIFIED',
  };
}

/** With the group that it is in: a part, where people split that. */
export type GroupedFault = KernelFault & { fingerprint: string };

/** What the kernels of jobs said in their logs, of the jobs that the viewer may see. */
export async function getKernelFaults(
  store: Store,
  viewer: Viewer,
  jobIds: readonly number[],
): Promise<Map<number, readonly GroupedFault[]>> {
  const jobs = await getJobsById(store, viewer, jobIds);
  const rows = await selectIn<{ jobId: number; facts: string }>(
    store.sql,
    'SELECT job_id AS "jobId", facts FROM job_failure WHERE job_id',
    [],
    [...jobs.keys()],
  );
  const parts = await selectIn<{ jobId: number; fingerprint: string }>(
    store.sql,
    `SELECT o.job_id AS "jobId", g.fingerprint FROM failure_occurrence o JOIN failure_group g ON g.id = o.group_id
     WHERE g.fingerprint LIKE '%~%' AND o.job_id`,
    [],
    rows.map(({ jobId }) => jobId),
  );
  const partsOf = Map.groupBy(parts, ({ jobId }) => jobId);
  return new Map(
    rows.map(({ jobId, facts }) => [
      jobId,
      parseFacts(facts).faults.map((fault) => {
        const whole = fingerprintOfFault(fault);
        const part = partsOf.get(jobId)?.find((one) => one.fingerprint.startsWith(`${whole}~`));
        return { ...fault, fingerprint: part?.fingerprint ?? whole };
      }),
    ]),
  );
}
