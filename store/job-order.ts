/**
 * Jobs a viewer may see, one after another in an order, read by an index and never past hidden ones: a union of pieces
 * that each lie in that order. What else a filter wants is looked at job by job (see store/job-scan.ts).
 */
import { and, eq, gte, inArray, or, type SQL, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import { listed } from './id-list.ts';
import {
  changedWithin,
  devicesNamed,
  type JobFilter,
  jobMatches,
  jobsLabelled,
  submittedWithin,
} from './job-filter.ts';
import { keyset, type PageRequest } from './page.ts';
import { sourceIdsOf } from './source.ts';
import type { Store } from './store.ts';
import { FINISHED } from './stored-job.ts';
import { toStored } from './text.ts';
import { TEXT_INDEX } from './text-index.ts';
import { envIsVisible, jobIsVisibleInList, type Sight } from './visibility.ts';

const { job, env, deviceType, build, project } = tables;

export type JobOrder = { field: 'SUBMIT_TIME' | 'START_TIME' | 'END_TIME' | 'CHANGE_TIME'; direction: 'ASC' | 'DESC' };

export const NEWEST: JobOrder = { field: 'SUBMIT_TIME', direction: 'DESC' };

const TIME = {
  SUBMIT_TIME: sql`${job.submitAt}`,
  START_TIME: sql`coalesce(${job.startAt}, -1)`,
  END_TIME: sql`coalesce(${job.endAt}, -1)`,
  CHANGE_TIME: sql`${job.changedAt}`,
} as const;

/** What jobs are ordered by; no two have the same. */
export function keyOf({ field }: JobOrder): SQL[] {
  return [TIME[field], sql`${job.id}`];
}

/** So many jobs are looked at or sorted for an answer, whatever the archive holds. */
export const LOOKED_AT = 10_000;
/** More kinds of boards than these are told apart job by job. */
const MAX_ENVS = 64;
/** Terms of one union; SQLite takes 500. */
const MAX_TERMS = 250;

export type OrderedJobs = {
  /** Holds of those of the next `look` jobs that match; of at most `limit`. */
  matching(look: number, limit: number): SQL;
  /** A query for one row: how many of the next `look` jobs there are (`looked`), and the `sum` of a value over those that match. */
  summed(look: number, value: SQL | undefined): SQL;
  /** A query for the key of the job that is the nth from here, counted from 1. */
  nth(n: number): SQL;
  /** So many jobs are worth looking at first to find some that match. */
  firstLook(wanted: number): number;
  orderBy: readonly SQL[];
};

/** What of the filter says where to read is read so, between the cursors of the page; the rest is looked at. */
export async function jobsInOrder(
  store: Store,
  sight: Sight,
  filter: JobFilter,
  page: Omit<PageRequest, 'limit'>,
  order: JobOrder = NEWEST,
): Promise<OrderedJobs> {
  const { pieces, rest, isSorted = false } = await piecesOf(store, sight, filter, order);
  const condition = jobMatches(store, rest);
  const { where, orderBy } = keyset(keyOf(order), order.direction === 'ASC' ? 'asc' : 'desc', page);
  const direction = sql.raw((order.direction === 'ASC') === page.backward ? 'DESC' : 'ASC');
  const changed = order.field === 'CHANGE_TIME' ? changedWithin(filter) : undefined;
  const within = and(submittedWithin(filter), changed, where);
  const next = (n: number) => {
    const limit = sql`LIMIT ${n}`;
    // PostgreSQL plans each piece as if it were read whole, SQLite merges only pieces without a limit.
    const ofPiece = store.engine === 'postgres' ? limit : sql``;
    const ordered = pieces.map(
      (piece) => sql`SELECT ${job.id} AS id, ${TIME[order.field]} AS at FROM job
        WHERE ${and(piece, within)} ORDER BY ${sql.join(orderBy, sql`, `)} ${pieces.length > 1 ? ofPiece : sql``}`,
    );
    return sql`(${unionInOrder(ordered, direction, limit)}) looked`;
  };
  // As a value and not as a join or EXISTS: no planner reads the whole table for it.
  const shareOf = (value: SQL | undefined) =>
    condition || value
      ? sql`(SELECT CASE WHEN ${condition ?? sql`1 = 1`} THEN ${value ?? sql`1`} ELSE 0 END FROM job WHERE ${job.id} = looked.id)`
      : sql`1`;
  return {
    matching: (look, limit) =>
      sql`${job.id} IN (SELECT id FROM ${next(look)} WHERE ${shareOf(undefined)} = 1
        ORDER BY at ${direction}, id ${direction} LIMIT ${limit})`,
    summed: (look, value) =>
      sql`SELECT count(*) AS looked, coalesce(sum(${shareOf(value)}), 0) AS sum FROM ${next(look)}`,
    nth: (n) => sql`SELECT id, at FROM ${next(n)} LIMIT 1 OFFSET ${n - 1}`,
    firstLook: (wanted) => (isSorted ? LOOKED_AT : condition ? 4 * wanted : wanted),
    orderBy,
  };
}

/** Queries for `id` and `at`, each in this order, as one. */
export function unionInOrder(ordered: readonly SQL[], direction: SQL, limit: SQL): SQL {
  const [only = sql`SELECT 0 AS id, 0 AS at WHERE 1 = 0`, ...more] = ordered;
  if (more.length === 0) return sql`${only} ${limit}`;
  if (ordered.length > MAX_TERMS) {
    const groups = Array.from({ length: Math.ceil(ordered.length / MAX_TERMS) }, (_, i) =>
      unionInOrder(ordered.slice(i * MAX_TERMS, (i + 1) * MAX_TERMS), direction, limit),
    );
    return unionInOrder(groups, direction, limit);
  }
  const terms = ordered.map((piece, i) => sql`SELECT id, at FROM (${piece}) ${sql.raw(`p${i}`)}`);
  return sql`${sql.join(terms, sql` UNION ALL `)} ORDER BY at ${direction}, id ${direction} ${limit}`;
}

/** `isSorted`: no index has their order, and all of them are read. */
type Pieces = { pieces: (SQL | undefined)[]; rest: JobFilter; isSorted?: boolean };

async function piecesOf(store: Store, sight: Sight, f: JobFilter, order: JobOrder): Promise<Pieces> {
  const { sources, deviceTypes, since: _since, until: _until, ...rest } = f;
  const seen = { ...sight, sourceIds: sources ? await sourceIdsOf(store, sight, sources) : sight.sourceIds };
  const envIds = deviceTypes ? await envIdsOf(store, seen, deviceTypes) : null;
  const ofEnvs = envIds ? inArray(job.envId, envIds) : undefined;
  const visible = (condition?: SQL) => and(condition, jobIsVisibleInList(store, seen), ofEnvs);

  const { id, buildId, deviceId, project: slug, build: version, device, ...unplaced } = rest;
  if (id !== undefined) return { pieces: [visible(eq(job.id, id))], rest: { ...rest, id: undefined } };
  if (buildId !== undefined) {
    return { pieces: [visible(eq(job.buildId, buildId))], rest: { ...rest, buildId: undefined } };
  }
  if (slug != null && version != null) {
    const ids = await buildIdsOf(store, slug, version);
    return { pieces: ids.map((one) => visible(eq(job.buildId, one))), rest: { ...unplaced, deviceId, device } };
  }
  if (deviceId !== undefined) {
    return { pieces: [visible(eq(job.deviceId, deviceId))], rest: { ...rest, deviceId: undefined } };
  }
  if (device != null) {
    const found = await devicesNamed(store, device);
    return { pieces: found.map((one) => visible(eq(job.deviceId, one.id))), rest: { ...rest, device: null } };
  }
  for (const query of narrowings(store, f, order)) {
    const ids = await fewIds(store, query);
    if (ids) return { pieces: [visible(sql`${job.id} IN ${listed(store.engine, ids)}`)], rest, isSorted: true };
  }
  if (order.field !== 'SUBMIT_TIME') return { pieces: [visible()], rest };
  if (envIds && envIds.length <= MAX_ENVS) return { pieces: envIds.map((one) => eq(job.envId, one)), rest };
  const kinds = sight.seesPrivate ? [true, false] : [true];
  return {
    pieces: seen.sourceIds.flatMap((one) =>
      kinds.map((isPublic) => and(eq(job.sourceId, one), eq(job.isPublic, isPublic), ofEnvs)),
    ),
    rest,
  };
}

/** Environments in sight of the kinds of boards, as they are called here or by their source. */
async function envIdsOf(store: Store, sight: Sight, deviceTypes: readonly string[]): Promise<number[]> {
  const rows = await store.db
    .select({ id: env.id })
    .from(env)
    .innerJoin(deviceType, or(eq(deviceType.id, env.deviceTypeId), eq(deviceType.id, env.ownDeviceTypeId)))
    .where(and(inArray(deviceType.name, deviceTypes.map(toStored)), envIsVisible(sight)));
  return [...new Set(rows.map((row) => row.id))];
}

/** One a branch that has the version. */
async function buildIdsOf(store: Store, slug: string, version: string): Promise<number[]> {
  const rows = await store.db
    .select({ id: build.id })
    .from(build)
    .innerJoin(project, eq(project.id, build.projectId))
    .where(and(eq(project.slug, toStored(slug)), eq(build.version, toStored(version))))
    .limit(MAX_TERMS);
  return rows.map((row) => row.id);
}

/** Queries for the ids of jobs that an index gives in another order, each for a condition of the filter. */
function narrowings(store: Store, f: JobFilter, order: JobOrder): SQL[] {
  const open = f.state && !f.state.includes('FINISHED');
  const described = [...toStored(f.description ?? '')];
  return [
    ...(open ? [sql`SELECT ${job.id} AS id FROM job WHERE ${job.state} <> ${sql.raw(String(FINISHED))}`] : []),
    ...(f.metadata ?? []).map(jobsLabelled),
    ...(f.updatedSince == null || order.field === 'CHANGE_TIME'
      ? []
      : [sql`SELECT ${job.id} AS id FROM job WHERE ${gte(job.changedAt, f.updatedSince)}`]),
    ...(f.project == null ? [] : [jobsOfProject(f.project)]),
    ...(described.length < 3 ? [] : [TEXT_INDEX[store.engine].described(described.join(''))]),
  ];
}

/** A job is of a project by its build. */
function jobsOfProject(slug: string): SQL {
  return sql`SELECT ${job.id} AS id FROM project JOIN build ON build.project_id = project.id JOIN job ON job.build_id = build.id
    WHERE project.slug = ${toStored(slug)}`;
}

/** Null when there are too many to be sorted for a page. */
async function fewIds(store: Store, query: SQL): Promise<number[] | null> {
  const rows = await store.db.select({ id: sql<number>`id` }).from(sql`(${query} LIMIT ${LOOKED_AT + 1}) found`);
  return rows.length > LOOKED_AT ? null : rows.map((row) => row.id);
}
