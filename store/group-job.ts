/** The jobs of a failure group, and where and when they were. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type GroupScope, type GroupSum, occurrencesIn, type Where } from './failure-group.ts';
import { getJobsById, type JobRow } from './job.ts';
import { type Key, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { inSight, sightOf } from './visibility.ts';

/** Line: of the log, where something says. */
export type GroupJob = { job: JobRow; at: Micros; line: number | null };

const DAY = 86_400_000_000;
/** Boards told of a group. */
const DEVICES = 200;
const DEVICE = '(SELECT device_id FROM job WHERE job.id = o.job_id AND job.env_id = o.env_id) AS "deviceId"';

/** Those in sight and in scope, the last that ended first. */
export async function listGroupJobs(
  store: Store,
  viewer: Viewer,
  groupId: number,
  scope: GroupScope,
  page: PageRequest,
): Promise<Page<GroupJob>> {
  const within = await occurrencesIn(store, viewer, scope, [groupId]);
  if (within === null) return { rows: [], hasNext: false, hasPrevious: false };
  const { after, before, backward, limit } = page;
  const direction = backward ? 'ASC' : 'DESC';
  const clauses = [
    '1 = 1',
    ...(after ? ['(o.at, o.job_id) < (?, ?)'] : []),
    ...(before ? ['(o.at, o.job_id) > (?, ?)'] : []),
  ];
  const rows = await store.sql.all<{ jobId: number; at: Micros; line: number | null }>(
    `SELECT o.job_id AS "jobId", o.at, o.line FROM ${within.text} o
     WHERE ${clauses.join(' AND ')}
     ORDER BY o.at ${direction}, o.job_id ${direction} LIMIT ${limit + 1}`,
    ...[...within.values, ...(after ?? []), ...(before ?? [])],
  );
  const jobs = await getJobsById(
    store,
    viewer,
    rows.map(({ jobId }) => jobId),
  );
  const found = rows.flatMap(({ jobId, at, line }) => {
    const job = jobs.get(jobId);
    return job ? [{ job, at, line }] : [];
  });
  return toPage(found, page);
}

export function groupJobKey({ job, at }: GroupJob): Key {
  return [at, job.id];
}

export type NewestJob = { /** The last that ended. */ jobId: number; line: number | null };

/** The newest job of each group, of the jobs in sight and in scope. */
export async function getNewestJobs(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  scope: GroupScope,
): Promise<Map<number, NewestJob>> {
  const within = await occurrencesIn(store, viewer, scope, groupIds);
  if (within === null) return new Map();
  const rows = await store.sql.all<NewestJob & { id: number }>(
    `SELECT q.id, q."jobId", q.line FROM (
       SELECT o.group_id AS id, o.job_id AS "jobId", o.line,
         row_number() OVER (PARTITION BY o.group_id ORDER BY o.at DESC, o.job_id DESC) AS n
       FROM ${within.text} o) q
     WHERE q.n = 1`,
    ...within.values,
  );
  return new Map(rows.map(({ id, ...job }) => [id, job]));
}

/** Builds that the jobs of a group test, of the jobs in sight and in scope: how many. */
export async function getGroupBuilds(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  scope: GroupScope,
): Promise<Map<number, number>> {
  const build = '(SELECT build_id FROM job WHERE job.id = o.job_id AND job.env_id = o.env_id)';
  const columns = `count(DISTINCT ${build}) AS builds`;
  const rows = await ofGroups<{ id: number; builds: number }>(store, viewer, groupIds, scope, columns, '1');
  return new Map(rows.map(({ id, builds }) => [id, builds]));
}

export async function getGroupSums(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  scope: GroupScope,
): Promise<Map<number, GroupSum>> {
  const sums = 'count(*) AS count, min(o.at) AS "firstSeen", max(o.at) AS "lastSeen"';
  const rows = await ofGroups<GroupSum & { id: number }>(store, viewer, groupIds, scope, sums, '1');
  return new Map(rows.map(({ id, ...sum }) => [id, sum]));
}

export type GroupDay = { /** UTC, since the epoch. */ day: number; jobs: number };

/** Jobs a day by group, of the jobs in sight and in scope; days without one are left out. */
export async function getGroupDays(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  scope: GroupScope,
): Promise<Map<number, GroupDay[]>> {
  const rows = await ofGroups<GroupDay & { id: number }>(
    store,
    viewer,
    groupIds,
    scope,
    `o.at / ${DAY} AS day, count(*) AS jobs`,
    '1, 2 ORDER BY 1, 2',
  );
  return Map.groupBy(rows, ({ id }) => id);
}

export async function getGroupSources(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  scope: GroupScope,
): Promise<Map<number, number[]>> {
  const rows = await ofGroups<{ id: number; sourceId: number }>(
    store,
    viewer,
    groupIds,
    scope,
    '(SELECT source_id FROM env WHERE env.id = o.env_id) AS "sourceId"',
    '1, 2 ORDER BY 1, 2',
  );
  return byGroup(rows, ({ sourceId }) => sourceId);
}

/** At most 200 boards a group, of those in sight. */
export async function getGroupDevices(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  scope: GroupScope,
): Promise<Map<number, number[]>> {
  const within = await occurrencesIn(store, viewer, scope, groupIds);
  if (within === null) return new Map();
  const { marks, values } = inSight(await sightOf(store, viewer));
  const rows = await store.sql.all<{ id: number; deviceId: number }>(
    `SELECT q.id, q."deviceId" FROM (${groupedBy(within, DEVICE, '1, 2')}) q JOIN device d ON d.id = q."deviceId"
     WHERE d.source_id IN (${marks}) AND (d.is_public = 1 OR ? = 1) ORDER BY 1, 2`,
    ...[...within.values, ...values],
  );
  return new Map([...byGroup(rows, ({ deviceId }) => deviceId)].map(([id, some]) => [id, some.slice(0, DEVICES)]));
}

async function ofGroups<Row>(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  scope: GroupScope,
  columns: string,
  groupBy: string,
): Promise<Row[]> {
  const within = await occurrencesIn(store, viewer, scope, groupIds);
  if (within === null) return [];
  return store.sql.all<Row>(groupedBy(within, columns, groupBy), ...within.values);
}

function groupedBy(within: Where, columns: string, groupBy: string): string {
  return `SELECT o.group_id AS id, ${columns} FROM ${within.text} o GROUP BY ${groupBy}`;
}

function byGroup<Row extends { id: number }>(rows: readonly Row[], of: (row: Row) => number): Map<number, number[]> {
  return new Map([...Map.groupBy(rows, ({ id }) => id)].map(([id, some]) => [id, some.map(of)]));
}
