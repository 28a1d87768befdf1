/** Jobs: lists by keyset, one job, its texts. */
import { and, eq, getTableColumns, gte, inArray, isNotNull, lt, ne, type SQL, sql } from 'drizzle-orm';
import type { SQLiteSelect } from 'drizzle-orm/sqlite-core';
import type { FailureClass, JobHealth, JobState, Micros } from '#schema/records.ts';
import { FailureClass as FailureClasses, JobHealth as JobHealths, JobState as JobStates } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { digest } from './codec.ts';
import { type JobText, unpackJobText } from './job-text.ts';
import { arrayHas } from './json-text.ts';
import { keyset, type Page, type PageRequest, toPage } from './page.ts';
import { type SourceFilter, sourceIdsOf } from './source.ts';
import type { Store, Value } from './store.ts';
import { splitSuiteName } from './suite-run.ts';
import { fromStored, toStored } from './text.ts';
import { jobIsVisible, jobIsVisibleInList, sightOf } from './visibility.ts';

const { job, source, device, deviceType, env, worker, submitter, build, project } = tables;

export type JobRow = Omit<typeof job.$inferSelect, 'state' | 'health' | 'failureClass' | 'digest' | 'lostSuites'> & {
  state: JobState;
  health: JobHealth;
  failureClass: FailureClass;
  digest: Buffer;
  slug: string;
  sourceUrl: string;
  submitter: string | null;
  deviceTypeId: number;
};

export type JobFilter = {
  sources?: SourceFilter;
  deviceTypes?: readonly string[] | null;
  since?: Micros | null;
  until?: Micros | null;
  includeHealthChecks?: boolean | null;
  state?: readonly JobState[] | null;
  health?: readonly JobHealth[] | null;
  failureClass?: readonly FailureClass[] | null;
  submitter?: readonly string[] | null;
  device?: string | null;
  worker?: string | null;
  description?: string | null;
  metadata?: readonly { key: string; value: string }[] | null;
  tags?: readonly string[] | null;
  project?: string | null;
  build?: string | null;
  updatedSince?: Micros | null;
  hasFailures?: boolean | null;
  /** Jobs that ran this suite, by its name with or without the job's index. */
  suite?: string;
  /** By numbers of the store, for callers inside it. */
  deviceId?: number;
  buildId?: number;
  id?: number;
};

export type JobOrder = { field: 'SUBMIT_TIME' | 'START_TIME' | 'END_TIME'; direction: 'ASC' | 'DESC' };

const ORDER = {
  SUBMIT_TIME: sql`${job.submitAt}`,
  START_TIME: sql`coalesce(${job.startAt}, -1)`,
  END_TIME: sql`coalesce(${job.endAt}, -1)`,
} as const;

const columns = {
  ...getTableColumns(job),
  slug: source.slug,
  sourceUrl: source.url,
  submitter: submitter.name,
  deviceTypeId: env.deviceTypeId,
};

function select(store: Store) {
  return joined(store.db.select(columns).from(job).$dynamic());
}

/** With the tables that a filter speaks of. */
export function joined<Query extends SQLiteSelect>(query: Query) {
  return query
    .innerJoin(source, eq(source.id, job.sourceId))
    .innerJoin(env, eq(env.id, job.envId))
    .leftJoin(submitter, eq(submitter.id, job.submitterId));
}

/** Jobs the viewer may see, newest submission first unless the order says otherwise; NULL times come last when newest is first. */
export async function listJobs(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
  order: JobOrder = { field: 'SUBMIT_TIME', direction: 'DESC' },
): Promise<Page<JobRow>> {
  const rows = await jobsQuery(store, await jobMatches(store, viewer, filter), page, order);
  return toPage(rows.map(toRow), page);
}

function jobsQuery(store: Store, condition: SQL | undefined, page: PageRequest, order: JobOrder) {
  const { where, orderBy } = keyset(
    [ORDER[order.field], sql`${job.id}`],
    order.direction === 'ASC' ? 'asc' : 'desc',
    page,
  );
  return select(store)
    .where(and(condition, where))
    .orderBy(...orderBy)
    .limit(page.limit + 1);
}

/** How the engine would read the list: a step a line. */
export async function explainJobs(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
  order: JobOrder,
): Promise<string[]> {
  const query = jobsQuery(store, await jobMatches(store, viewer, filter), page, order).toSQL();
  return store.explain(
    query.sql,
    ...query.params.map((value) => (typeof value === 'boolean' ? Number(value) : (value as Value))),
  );
}

/** The key of a job in an order, for cursors. */
export function jobKey(row: JobRow, order: JobOrder['field'] = 'SUBMIT_TIME'): [number, number] {
  const at = { SUBMIT_TIME: row.submitAt, START_TIME: row.startAt ?? -1, END_TIME: row.endAt ?? -1 }[order];
  return [at, row.id];
}

export async function countJobs(store: Store, viewer: Viewer, filter: JobFilter): Promise<number> {
  const [row] = await joined(store.db.select({ n: sql<number>`count(*)` }).from(job).$dynamic()).where(
    await jobMatches(store, viewer, filter),
  );
  return row?.n ?? 0;
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

/** What the filter means, visibility included. */
export async function jobMatches(store: Store, viewer: Viewer, f: JobFilter): Promise<SQL | undefined> {
  const sight = await sightOf(store, viewer);
  const indexes = <T>(options: readonly T[], wanted: readonly T[]) => wanted.map((w) => options.indexOf(w));
  const sourceIds = f.sources ? await sourceIdsOf(store, sight, f.sources) : sight.sourceIds;
  return and(
    jobIsVisibleInList({ ...sight, sourceIds }),
    f.deviceTypes
      ? inArray(
          env.deviceTypeId,
          store.db
            .select({ id: deviceType.id })
            .from(deviceType)
            .where(inArray(deviceType.name, f.deviceTypes.map(toStored))),
        )
      : undefined,
    f.since == null ? undefined : gte(job.submitAt, f.since),
    f.until == null ? undefined : lt(job.submitAt, f.until),
    f.includeHealthChecks ? undefined : eq(job.healthCheck, false),
    f.state ? inArray(job.state, indexes(JobStates.options, f.state)) : undefined,
    f.health ? inArray(job.health, indexes(JobHealths.options, f.health)) : undefined,
    f.failureClass ? inArray(job.failureClass, indexes(FailureClasses.options, f.failureClass)) : undefined,
    f.submitter ? inArray(submitter.name, f.submitter.map(toStored)) : undefined,
    f.device == null
      ? undefined
      : inArray(
          job.deviceId,
          store.db
            .select({ id: device.id })
            .from(device)
            .where(eq(device.hostname, toStored(f.device))),
        ),
    f.worker == null
      ? undefined
      : inArray(
          job.workerId,
          store.db
            .select({ id: worker.id })
            .from(worker)
            .where(eq(worker.hostname, toStored(f.worker))),
        ),
    f.description == null || f.description === ''
      ? undefined
      : sql`instr(lower(${job.description}), lower(${toStored(f.description)})) > 0`,
    ...(f.metadata ?? []).map(
      ({ key, value }) =>
        sql`${job.id} IN (SELECT job_label.job_id FROM job_label JOIN label ON label.id = job_label.label_id WHERE label.hash = ${labelHash(key, value)})`,
    ),
    ...(f.tags ?? []).map((tag) => arrayHas(job.tags, tag)),
    f.project == null
      ? undefined
      : inArray(
          job.projectId,
          store.db
            .select({ id: project.id })
            .from(project)
            .where(eq(project.slug, toStored(f.project))),
        ),
    f.build == null
      ? undefined
      : inArray(
          job.buildId,
          store.db
            .select({ id: build.id })
            .from(build)
            .where(eq(build.version, toStored(f.build))),
        ),
    f.updatedSince == null ? undefined : gte(job.changedAt, f.updatedSince),
    f.hasFailures == null ? undefined : f.hasFailures ? ne(job.fail, 0) : eq(job.fail, 0),
    f.suite === undefined
      ? undefined
      : sql`EXISTS (SELECT 1 FROM suite_run r JOIN suite s ON s.id = r.suite_id WHERE r.env_id = ${job.envId} AND r.job_id = ${job.id}
          AND s.name IN (${toStored(f.suite)}, ${toStored(splitSuiteName(f.suite).name)}))`,
    f.id === undefined ? undefined : eq(job.id, f.id),
    f.deviceId === undefined ? undefined : eq(job.deviceId, f.deviceId),
    f.buildId === undefined ? undefined : and(isNotNull(job.buildId), eq(job.buildId, f.buildId)),
  );
}

/** As store/dictionary.ts makes it. */
function labelHash(key: string, value: string): Buffer {
  const [k, v] = [toStored(key), toStored(value)];
  return digest(`${k.length}:${k}${v}`);
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
    multinodeGroup: text(row.multinodeGroup),
    role: text(row.role),
  };
}
