/** What was read of a source in the last hours, in slots. */
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { Store } from './store.ts';
import { errorFor, ifOfAllJobs, sightOf } from './visibility.ts';

const { syncRun } = tables;

export type SlotRow = {
  since: Micros;
  until: Micros;
  syncs: number;
  audits: number;
  backfills: number;
  failed: number;
  jobsWritten: number;
  /** Null for who does not see every job. */
  requests: number | null;
  bytes: number | null;
  error: string | null;
};

export const TIMELINE_SLOTS = 48;
const HOUR = 3_600_000_000;
const NOTHING = { syncs: 0, audits: 0, backfills: 0, failed: 0, jobsWritten: 0, requests: 0, bytes: 0, failedId: null };

/** Slots of equal width, oldest first; the last one is the one of `now`. */
export async function listSyncSlots(
  store: Store,
  viewer: Viewer,
  sourceId: number,
  hours: number,
  now: Micros,
): Promise<SlotRow[]> {
  const sight = await sightOf(store, viewer);
  const width = (hours * HOUR) / TIMELINE_SLOTS;
  const last = Math.floor(now / width);
  const first = last - TIMELINE_SLOTS + 1;
  const slot = sql<number>`CAST(floor(${syncRun.startedAt} / ${sql.raw(`${width}.0`)}) AS INTEGER)`;
  const sum = (of: ReturnType<typeof sql>) => sql<number>`sum(CASE WHEN ${of} THEN 1 ELSE 0 END)`;
  const isAudit = sql`${syncRun.trigger} = 'RECONCILE'`;
  const isFailed = sql`${syncRun.state} = 'failed'`;
  const rows = await store.db
    .select({
      slot,
      syncs: sum(sql`NOT ${isAudit}`),
      audits: sum(isAudit),
      backfills: sum(sql`${syncRun.trigger} = 'BACKFILL'`),
      failed: sum(isFailed),
      jobsWritten: sql<number>`sum(${sight.seesPrivate ? syncRun.jobsWritten : syncRun.publicWritten})`,
      requests: sql<number>`sum(${syncRun.requests})`,
      bytes: sql<number>`sum(${syncRun.bytes})`,
      failedId: sql<number | null>`max(CASE WHEN ${isFailed} THEN ${syncRun.id} END)`,
    })
    .from(syncRun)
    .where(
      and(
        eq(syncRun.sourceId, sourceId),
        inArray(syncRun.sourceId, sight.sourceIds),
        sql`${syncRun.startedAt} >= ${first * width}`,
      ),
    )
    .groupBy(slot);
  const failedIds = rows.flatMap(({ failedId }) => (failedId === null ? [] : [failedId]));
  const errors = await store.db
    .select({ id: syncRun.id, error: syncRun.error })
    .from(syncRun)
    .where(inArray(syncRun.id, failedIds));
  const errorOf = new Map(errors.map(({ id, error }) => [id, errorFor(sight, error)]));
  const bySlot = new Map(rows.map(({ slot: at, ...row }) => [at, row]));
  return Array.from({ length: TIMELINE_SLOTS }, (_, i) => {
    const { failedId, ...row } = bySlot.get(first + i) ?? NOTHING;
    return {
      ...row,
      since: (first + i) * width,
      until: (first + i + 1) * width,
      requests: ifOfAllJobs(sight, row.requests),
      bytes: ifOfAllJobs(sight, row.bytes),
      error: failedId === null ? null : (errorOf.get(failedId) ?? null),
    };
  });
}
