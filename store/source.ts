/** Sources and how fresh their copies are. */
import { and, asc, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { objectHas } from './json-text.ts';
import { keyset, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { toStored } from './text.ts';
import { errorFor, ifOfAllJobs, type Sight, sightOf } from './visibility.ts';

const { source, env, envDay } = tables;

type SourceColumns = typeof source.$inferSelect & { lastRunState: string | null };
export type SourceRow = Omit<SourceColumns, 'usedLastMinute' | 'backlog' | 'whoAmI' | 'warnings'> & {
  /** Null for who does not see every job. */
  usedLastMinute: number | null;
  backlog: number | null;
  whoAmI: string | null;
  warnings: string[] | null;
};
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

/** What a job costs of the budget at least: its results and its log, and where they come with those of others. */
const REQUESTS_A_JOB = 2;
const IN_COMPANY = 0.5;

function stillToRead({ backlog, maxPerMinute, capabilities }: SourceRow): string {
  if (!backlog) return '';
  const each = capabilities.includes('results-table') ? IN_COMPANY : REQUESTS_A_JOB;
  const minutes = Math.ceil((backlog * each) / maxPerMinute);
  const about = minutes < 90 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return `: ${backlog} jobs to go, ${about} at least at ${maxPerMinute} requests a minute`;
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
  const ofAll = <Value>(value: Value) => ifOfAllJobs(sight, value);
  return {
    ...row,
    lastError: errorFor(sight, row.lastError),
    // What is not read any more is not slow either.
    slowdown: row.paused || !row.configured ? null : row.slowdown,
    usedLastMinute: ofAll(row.usedLastMinute),
    backlog: ofAll(row.backlog),
    whoAmI: ofAll(row.whoAmI),
    warnings: ofAll(row.warnings),
  };
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

/** Jobs and results a viewer may see, from the daily sums; LAVA's own steps are no results. */
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
      results: sql<number>`sum(${envDay.pass} + ${envDay.fail} + ${envDay.skip} + ${envDay.unknown})`,
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
