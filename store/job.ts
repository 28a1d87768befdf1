/** Jobs: lists by keyset, one job, its texts. */
import { and, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm';
import type { FailureClass, JobHealth, JobState } from '#schema/records.ts';
import { FailureClass as FailureClasses, JobHealth as JobHealths, JobState as JobStates } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { JobFilter } from './job-filter.ts';
import { type JobOrder, jobsInOrder, NEWEST } from './job-order.ts';
import { readInOrder, sumInOrder } from './job-scan.ts';
import { type JobText, unpackJobText } from './job-text.ts';
import { type Key, type Page, type PageRequest, type Total, toPage } from './page.ts';
import type { Store, Value } from './store.ts';
import { SUBMITTER_HERE } from './submitter-alias.ts';
import { fromStored, toStored } from './text.ts';
import { jobIsVisible, sightOf } from './visibility.ts';

const { job, source, env, submitter } = tables;

export type JobRow = Omit<typeof job.$inferSelect, 'state' | 'health' | 'failureClass' | 'digest' | 'lostSuites'> & {
  state: JobState;
  health: JobHealth;
  failureClass: FailureClass;
  digest: Buffer;
  slug: string;
  sourceUrl: string;
  submitter: string | null;
  /** As it is called here. */
  submitterHere: string | null;
  deviceTypeId: number;
};

const columns = {
  ...getTableColumns(job),
  slug: source.slug,
  sourceUrl: source.url,
  submitter: submitter.name,
  submitterHere: SUBMITTER_HERE,
  deviceTypeId: env.deviceTypeId,
};

function select(store: Store) {
  return store.db
    .select(columns)
    .from(job)
    .innerJoin(source, eq(source.id, job.sourceId))
    .innerJoin(env, eq(env.id, job.envId))
    .leftJoin(submitter, eq(submitter.id, job.submitterId));
}

/** What is looked at of the archive for one answer: everything, or the next so many jobs. */
export type Look = { atMost?: number };

export type JobPage = Page<JobRow> & {
  /** Where looking stopped before the page was full: the next page (or the one before) goes on there. */
  stoppedAt: Key | null;
};

/**
 * Jobs the viewer may see, newest submission first unless the order says otherwise; NULL times come last when newest is
 * first. What no index has is looked at job by job: with `atMost` the page may be short of rows while there are more.
 */
export async function listJobs(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
  order: JobOrder = NEWEST,
  { atMost = Number.POSITIVE_INFINITY }: Look = {},
): Promise<JobPage> {
  const { rows, stoppedAt } = await readInOrder(
    store,
    viewer,
    filter,
    { ...page, limit: page.limit + 1 },
    { order, atMost, read: (where, orderBy) => jobsQuery(store, where, orderBy) },
  );
  const found = { ...toPage(rows.map(toRow), page), stoppedAt };
  return stoppedAt ? { ...found, [page.backward ? 'hasPrevious' : 'hasNext']: true } : found;
}

function jobsQuery(store: Store, where: SQL, orderBy: readonly SQL[]) {
  return select(store)
    .where(where)
    .orderBy(...orderBy);
}

/** How the engine would read the list, at first: a step a line. */
export async function explainJobs(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
  order: JobOrder = NEWEST,
): Promise<string[]> {
  const ordered = await jobsInOrder(store, await sightOf(store, viewer), filter, page, order);
  const look = ordered.firstLook(page.limit + 1);
  const query = jobsQuery(store, ordered.matching(look, page.limit + 1), ordered.orderBy).toSQL();
  return store.explain(
    query.sql,
    ...query.params.map((value) => (typeof value === 'boolean' ? Number(value) : (value as Value))),
  );
}

/** The key of a job in an order, for cursors. */
export function jobKey(row: JobRow, order: JobOrder['field'] = 'SUBMIT_TIME'): [number, number] {
  const at = {
    SUBMIT_TIME: row.submitAt,
    START_TIME: row.startAt ?? -1,
    END_TIME: row.endAt ?? -1,
    CHANGE_TIME: row.changedAt,
  }[order];
  return [at, row.id];
}

/** Counting stops where listing does: of more than 10,000 jobs, those that match among the newest so many are counted. */
export function countJobs(store: Store, viewer: Viewer, filter: JobFilter): Promise<Total> {
  return sumInOrder(store, viewer, filter);
}

/** The newest epoch's job unless an epoch is named. */
export async function getJob(
  store: Store,
  viewer: Viewer,
  slug: string,
  externalId: string,
  epoch?: number,
): Promise<JobRow | null> {
  const [row] = await select(store)
    .where(
      and(
        jobIsVisible(await sightOf(store, viewer)),
        eq(source.slug, toStored(slug)),
        eq(job.externalId, toStored(externalId)),
        epoch === undefined ? undefined : eq(job.epoch, epoch),
      ),
    )
    .orderBy(sql`${job.epoch} DESC`)
    .limit(1);
  return row ? toRow(row) : null;
}

export async function getJobsById(store: Store, viewer: Viewer, ids: readonly number[]): Promise<Map<number, JobRow>> {
  const rows = await select(store).where(and(jobIsVisible(await sightOf(store, viewer)), inArray(job.id, [...ids])));
  return new Map(rows.map((row) => [row.id, toRow(row)]));
}

/** Definition and metadata, unredacted, of the jobs that may be seen. */
export async function getJobTexts(store: Store, viewer: Viewer, ids: readonly number[]): Promise<Map<number, JobText>> {
  const { jobText } = tables;
  const rows = await store.db
    .select({ jobId: jobText.jobId, body: jobText.body })
    .from(jobText)
    .innerJoin(job, eq(job.id, jobText.jobId))
    .where(and(jobIsVisible(await sightOf(store, viewer)), inArray(jobText.jobId, [...ids])));
  return new Map(rows.map((row) => [row.jobId, unpackJobText(row.body)]));
}

type Selected = Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number];

function toRow({ lostSuites: _, ...row }: Selected): JobRow {
  const text = (value: string | null) => (value === null ? null : fromStored(value));
  return {
    ...row,
    state: JobStates.options[row.state] ?? 'SUBMITTED',
    health: JobHealths.options[row.health] ?? 'UNKNOWN',
    failureClass: FailureClasses.options[row.failureClass] ?? 'UNCLASSIFIED',
    externalId: fromStored(row.externalId),
    url: text(row.url),
    description: text(row.description),
    errorType: text(row.errorType),
    errorMessage: text(row.errorMessage),
    failureComment: text(row.failureComment),
    submitter: text(row.submitter),
    submitterHere: text(row.submitterHere),
    multinodeGroup: text(row.multinodeGroup),
    role: text(row.role),
  };
}
