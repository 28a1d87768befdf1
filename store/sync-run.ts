/** Runs through a source: syncs and slices of audits, with what they asked and wrote. */
import { and, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { keyset, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { errorFor, ifOfAllJobs, type Sight, sightOf } from './visibility.ts';

const { source, syncRun } = tables;

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
  return {
    ...run,
    error: errorFor(sight, run.error),
    requests: ofAll(requests),
    bytes: ofAll(bytes),
    rejected: ofAll(rejected),
  };
}

export type SyncRunFilter = {
  /** Wrote jobs, rejected records, or did not succeed. */
  isNotable?: boolean | null;
  triggers?: readonly string[] | null;
  states?: readonly SyncRunColumns['state'][] | null;
  since?: Micros | null;
};

/** A run is notable to a viewer by what he is told of it. */
function matches(sight: Sight, { isNotable, triggers, states, since }: SyncRunFilter): SQL | undefined {
  const { state, trigger, startedAt, publicWritten, jobsWritten, rejected } = syncRun;
  const wrote = sight.seesPrivate ? sql`${jobsWritten} + ${rejected} > 0` : sql`${publicWritten} > 0`;
  return and(
    isNotable ? sql`(${state} <> 'succeeded' OR ${wrote})` : undefined,
    triggers ? inArray(trigger, [...triggers]) : undefined,
    states ? inArray(state, [...states]) : undefined,
    since ? sql`${startedAt} >= ${since}` : undefined,
  );
}

export async function listSyncRuns(
  store: Store,
  viewer: Viewer,
  sourceId: number,
  filter: SyncRunFilter,
  page: PageRequest,
): Promise<Page<SyncRunRow>> {
  const sight = await sightOf(store, viewer);
  const { where, orderBy } = keyset([sql`${syncRun.startedAt}`, sql`${syncRun.id}`], 'desc', page);
  const rows = await store.db
    .select(runColumns(sight))
    .from(syncRun)
    .innerJoin(source, eq(source.id, syncRun.sourceId))
    .where(
      and(eq(syncRun.sourceId, sourceId), inArray(syncRun.sourceId, sight.sourceIds), matches(sight, filter), where),
    )
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(
    rows.map((row) => runFor(sight, row)),
    page,
  );
}

/** What each source's newest run has come to, by slug: another text whenever that changes. Tells nothing to a viewer. */
export async function newestRuns({ sql }: Pick<Store, 'sql'>): Promise<Map<string, string>> {
  const rows = await sql.all<{ slug: string }>(
    `SELECT s.slug, r.id, r.state, r.requests, r.bytes, r.jobs_read, r.jobs_written, r.rejected FROM source s
     JOIN sync_run r ON r.id = (SELECT id FROM sync_run WHERE source_id = s.id ORDER BY started_at DESC, id DESC LIMIT 1)`,
  );
  return new Map(rows.map((row) => [fromStored(row.slug), JSON.stringify(row)]));
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
