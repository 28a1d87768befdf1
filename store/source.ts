/** Sources and how fresh their copies are. */
import { and, asc, eq, getTableColumns, inArray, isNull, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type AuditFindings, readAuditNotes } from './audit-memory.ts';
import { objectHas } from './json-text.ts';
import { keyset, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { toStored } from './text.ts';
import { gapIsVisible, ifOfAllJobs, type Sight, sightOf } from './visibility.ts';

const { source, syncRun, audit, deadLetter, env, envDay } = tables;

type SourceColumns = typeof source.$inferSelect & { lastRunState: string | null };
export type SourceRow = Omit<SourceColumns, 'usedLastMinute' | 'backlog'> & {
  /** Null for who does not see every job. */
  usedLastMinute: number | null;
  backlog: number | null;
};
type SyncRunColumns = Omit<typeof syncRun.$inferSelect, 'publicRead' | 'publicWritten'> & { slug: string };
/** jobsRead and jobsWritten count what the viewer may see; what counts all jobs together is null for most. */
export type SyncRunRow = Omit<SyncRunColumns, 'requests' | 'bytes' | 'rejected'> & {
  requests: number | null;
  bytes: number | null;
  rejected: number | null;
};

function runColumns(sight: Sight) {
  const { publicRead, publicWritten, ...all } = getTableColumns(syncRun);
  const seen = sight.seesPrivate ? {} : { jobsRead: publicRead, jobsWritten: publicWritten };
  return { ...all, ...seen, slug: source.slug };
}

function runFor(sight: Sight, { requests, bytes, rejected, ...run }: SyncRunColumns): SyncRunRow {
  const ofAll = <Value>(value: Value) => ifOfAllJobs(sight, value);
  return errorFor(sight, { ...run, requests: ofAll(requests), bytes: ofAll(bytes), rejected: ofAll(rejected) });
}

export type SyncStatus = 'HEALTHY' | 'DELAYED' | 'BACKFILLING' | 'PAUSED' | 'FAILING' | 'ACTION_REQUIRED' | 'PENDING';

/** A copy counts as late when it is older than two periods and this grace, seconds. */
const GRACE = 30;

/** One word and its reason, from the source's row alone. */
export function statusOf(row: SourceRow, now: Micros): { status: SyncStatus; reason: string | null } {
  if (!row.configured) return { status: 'PAUSED', reason: 'no longer configured; what was read stays' };
  if (row.paused) return { status: 'PAUSED', reason: 'paused by an admin' };
  if (row.lastErrorCode !== null) {
    const action = ['UNAUTHORIZED', 'FORBIDDEN', 'UNSUPPORTED'].includes(row.lastErrorCode);
    return { status: action ? 'ACTION_REQUIRED' : 'FAILING', reason: row.lastError };
  }
  if (row.lastSuccessAt === null) {
    return row.bookmark === null
      ? { status: 'PENDING', reason: 'not read yet' }
      : { status: 'BACKFILLING', reason: `its history is being read for the first time${stillToRead(row)}` };
  }
  const late = (now - row.lastSuccessAt) / 1_000_000 > 2 * row.periodSeconds + GRACE;
  return late
    ? { status: 'DELAYED', reason: 'no sync has ended within twice the schedule' }
    : { status: 'HEALTHY', reason: null };
}

/** What a job costs at least: its results and its log. */
const REQUESTS_A_JOB = 2;

function stillToRead({ backlog, maxPerMinute }: SourceRow): string {
  if (!backlog) return '';
  const minutes = Math.ceil((backlog * REQUESTS_A_JOB) / maxPerMinute);
  const about = minutes < 90 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return `, newest jobs first: ${backlog} to go, ${about} at least at ${maxPerMinute} requests a minute`;
}

export type SourceFilter = {
  slugs?: readonly string[] | null;
  labels?: readonly { key: string; value: string }[] | null;
};

/** Condition on the source table for the sources a viewer may see, narrowed. Everything else takes it as a subquery. */
export function sourceMatches(sight: Sight, filter: SourceFilter): SQL | undefined {
  return and(
    inArray(source.id, sight.sourceIds),
    filter.slugs ? inArray(source.slug, filter.slugs.map(toStored)) : undefined,
    ...(filter.labels ?? []).map(({ key, value }) => objectHas(source.labels, key, value)),
  );
}

export async function sourceIdsOf(store: Store, sight: Sight, filter: SourceFilter): Promise<number[]> {
  if (filter.slugs == null && filter.labels == null) return sight.sourceIds;
  const rows = await store.db.select({ id: source.id }).from(source).where(sourceMatches(sight, filter));
  return rows.map((row) => row.id);
}

const columns = {
  ...getTableColumns(source),
  lastRunState: sql<
    string | null
  >`(SELECT state FROM sync_run WHERE sync_run.source_id = source.id ORDER BY started_at DESC LIMIT 1)`,
};

function sourceFor(sight: Sight, row: SourceColumns): SourceRow {
  const ofAll = (value: number) => ifOfAllJobs(sight, value);
  return errorFor(sight, { ...row, usedLastMinute: ofAll(row.usedLastMinute), backlog: ofAll(row.backlog) });
}

/** What went wrong, without the number of the job it went wrong at: the job may be one that the viewer may not see. */
function errorFor<Row extends { lastError: string | null } | { error: string | null }>(
  { seesPrivate }: Sight,
  row: Row,
): Row {
  if (seesPrivate) return row;
  const told = (text: string | null) => text?.replace(/\b(jobs?[ /])\d+/g, '$1…') ?? null;
  return 'error' in row ? { ...row, error: told(row.error) } : { ...row, lastError: told(row.lastError) };
}

export async function listSources(
  store: Store,
  viewer: Viewer,
  filter: SourceFilter,
  page: PageRequest,
): Promise<Page<SourceRow>> {
  const sight = await sightOf(store, viewer);
  const { where, orderBy } = keyset([sql`${source.slug}`], 'asc', page);
  const rows = await store.db
    .select(columns)
    .from(source)
    .where(and(sourceMatches(sight, filter), where))
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(
    rows.map((row) => sourceFor(sight, row)),
    page,
  );
}

/** Every source in scope, by slug: they are few. For coverage. */
export async function allSources(store: Store, viewer: Viewer, filter: SourceFilter = {}): Promise<SourceRow[]> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select(columns)
    .from(source)
    .where(sourceMatches(sight, filter))
    .orderBy(asc(source.slug));
  return rows.map((row) => sourceFor(sight, row));
}

export async function getSource(store: Store, viewer: Viewer, slug: string): Promise<SourceRow | null> {
  const [row] = await allSources(store, viewer, { slugs: [slug] });
  return row ?? null;
}

export async function getSourcesById(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, SourceRow>> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select(columns)
    .from(source)
    .where(and(sourceMatches(sight, {}), inArray(source.id, [...ids])));
  return new Map(rows.map((row) => [row.id, sourceFor(sight, row)]));
}

export type SourceTotals = {
  jobCount: number;
  resultCount: number;
  workerCount: number;
  deviceCount: number;
  /** Null for who does not see every job. */
  deadLetterCount: number | null;
};

/** Jobs and results a viewer may see, from the daily sums; results include LAVA's own steps. */
export async function getSourceTotals(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, SourceTotals>> {
  const sight = await sightOf(store, viewer);
  const seen = ids.filter((id) => sight.sourceIds.includes(id));
  const sums = await store.db
    .select({
      id: env.sourceId,
      jobs: sql<number>`sum(${envDay.complete} + ${envDay.incomplete} + ${envDay.canceled} + ${envDay.running})`,
      results: sql<number>`sum(${envDay.pass} + ${envDay.fail} + ${envDay.skip} + ${envDay.unknown} + ${envDay.steps})`,
    })
    .from(envDay)
    .innerJoin(env, eq(env.id, envDay.envId))
    .where(and(inArray(env.sourceId, seen), sight.seesPrivate ? undefined : eq(env.isPublic, true)))
    .groupBy(env.sourceId);
  const publicOnly = sql.raw(sight.seesPrivate ? '' : 'AND d.is_public = 1');
  const rows = await store.db
    .select({
      id: source.id,
      workers: sql<number>`(SELECT count(*) FROM worker w WHERE w.source_id = source.id AND w.gone_at IS NULL)`,
      devices: sql<number>`(SELECT count(*) FROM device d WHERE d.source_id = source.id AND d.gone_at IS NULL AND d.health <> 'Retired' ${publicOnly})`,
      letters: sql<number>`(SELECT count(*) FROM dead_letter l WHERE l.source_id = source.id AND l.resolved_at IS NULL)`,
    })
    .from(source)
    .where(inArray(source.id, seen));
  const bySource = new Map(sums.map((row) => [row.id, row]));
  return new Map(
    rows.map((row) => [
      row.id,
      {
        jobCount: bySource.get(row.id)?.jobs ?? 0,
        resultCount: bySource.get(row.id)?.results ?? 0,
        workerCount: row.workers,
        deviceCount: row.devices,
        deadLetterCount: ifOfAllJobs(sight, row.letters),
      },
    ]),
  );
}

export type DaySums = {
  sourceId: number;
  day: number;
  pass: number;
  fail: number;
  skip: number;
  unknown: number;
  complete: number;
  incomplete: number;
  canceled: number;
  running: number;
  infrastructure: number;
};

/** Daily sums from a day (since the epoch) on. */
export async function listActivity(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
  sinceDay: number,
): Promise<DaySums[]> {
  const sight = await sightOf(store, viewer);
  const total = (column: SQLWrapper) => sql<number>`sum(${column})`;
  return store.db
    .select({
      sourceId: env.sourceId,
      day: envDay.day,
      pass: total(envDay.pass),
      fail: total(envDay.fail),
      skip: total(envDay.skip),
      unknown: total(envDay.unknown),
      complete: total(envDay.complete),
      incomplete: total(envDay.incomplete),
      canceled: total(envDay.canceled),
      running: total(envDay.running),
      infrastructure: total(envDay.infrastructure),
    })
    .from(envDay)
    .innerJoin(env, eq(env.id, envDay.envId))
    .where(
      and(
        inArray(
          env.sourceId,
          ids.filter((id) => sight.sourceIds.includes(id)),
        ),
        sql`${envDay.day} >= ${sinceDay}`,
        sight.seesPrivate ? undefined : eq(env.isPublic, true),
      ),
    )
    .groupBy(env.sourceId, envDay.day);
}

export async function listSyncRuns(
  store: Store,
  viewer: Viewer,
  sourceId: number,
  page: PageRequest,
): Promise<Page<SyncRunRow>> {
  const sight = await sightOf(store, viewer);
  const { where, orderBy } = keyset([sql`${syncRun.startedAt}`, sql`${syncRun.id}`], 'desc', page);
  const rows = await store.db
    .select(runColumns(sight))
    .from(syncRun)
    .innerJoin(source, eq(source.id, syncRun.sourceId))
    .where(and(eq(syncRun.sourceId, sourceId), inArray(syncRun.sourceId, sight.sourceIds), where))
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(
    rows.map((row) => runFor(sight, row)),
    page,
  );
}

export async function getSyncRun(
  store: Store,
  viewer: Viewer,
  slug: string,
  startedAt: Micros,
): Promise<SyncRunRow | null> {
  const sight = await sightOf(store, viewer);
  const [row] = await store.db
    .select(runColumns(sight))
    .from(syncRun)
    .innerJoin(source, eq(source.id, syncRun.sourceId))
    .where(and(eq(source.slug, toStored(slug)), eq(syncRun.startedAt, startedAt), inArray(source.id, sight.sourceIds)));
  return row ? runFor(sight, row) : null;
}

/** An audit of before audits repaired. */
const NOTHING_DONE = { alarm: null, repaired: 0, deleted: 0 };

/** What the last audit found, over the jobs the viewer may see. */
export async function getAudit(
  store: Store,
  viewer: Viewer,
  sourceId: number,
): Promise<(AuditFindings & { checkedAt: Micros }) | null> {
  const sight = await sightOf(store, viewer);
  if (!sight.sourceIds.includes(sourceId)) return null;
  const [row] = await store.db.select().from(audit).where(eq(audit.sourceId, sourceId));
  if (!row) return null;
  const { checkedAt, publicView, ...all } = row;
  const notes = await readAuditNotes(store, sourceId);
  return sight.seesPrivate
    ? { checkedAt, ...all, ...(notes?.all ?? NOTHING_DONE) }
    : { checkedAt, ...publicView, ...(notes?.public ?? NOTHING_DONE) };
}

/** Requests since an instant; null for who does not see every job. */
export async function countRequests(
  store: Store,
  viewer: Viewer,
  sourceId: number,
  since: Micros,
): Promise<number | null> {
  const sight = await sightOf(store, viewer);
  const [row] = await store.db
    .select({ n: sql<number>`coalesce(sum(${syncRun.requests}), 0)` })
    .from(syncRun)
    .where(
      and(
        eq(syncRun.sourceId, sourceId),
        inArray(syncRun.sourceId, sight.sourceIds),
        sql`${syncRun.startedAt} >= ${since}`,
      ),
    );
  return ifOfAllJobs(sight, row?.n ?? 0);
}

/**
 * Open dead letters of sources that have some: gaps until they are understood. Notes on kept records are none. How many
 * is null for who does not see every job.
 */
export async function countGaps(store: Store, viewer: Viewer): Promise<Map<number, number | null>> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select({ id: deadLetter.sourceId, n: sql<number>`count(*)` })
    .from(deadLetter)
    .where(and(gapIsVisible(sight), isNull(deadLetter.resolvedAt), eq(deadLetter.stage, 'job')))
    .groupBy(deadLetter.sourceId);
  return new Map(rows.map((row) => [row.id, ifOfAllJobs(sight, row.n)]));
}
