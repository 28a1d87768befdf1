/** Jobs that wait for a board, as sources count them. */
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { Store } from './store.ts';
import { sightOf } from './visibility.ts';

const { source, sourceDeviceType } = tables;

export type QueuedTypeRow = { deviceTypeId: number; jobCount: number };
/** `types`: those with jobs that wait, most first. */
export type QueueRow = { readAt: Micros; jobCount: number; types: QueuedTypeRow[] };

const MOST_TYPES = 100;

/** Nothing for who does not see every job: private ones are counted among the others. */
export async function getSourceQueues(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, QueueRow>> {
  const { sourceIds, seesPrivate } = await sightOf(store, viewer);
  if (!seesPrivate) return new Map();
  const seen = ids.filter((id) => sourceIds.includes(id));
  const rows = await store.db
    .select({
      id: source.id,
      readAt: source.queueReadAt,
      deviceTypeId: sourceDeviceType.deviceTypeId,
      jobCount: sourceDeviceType.queuedJobs,
    })
    .from(source)
    .leftJoin(sourceDeviceType, and(eq(sourceDeviceType.sourceId, source.id), isNull(sourceDeviceType.goneAt)))
    .where(inArray(source.id, seen));
  const queues = new Map<number, QueueRow>();
  for (const { id, readAt, deviceTypeId, jobCount } of rows) {
    if (readAt === null) continue;
    const queue = queues.get(id) ?? { readAt, jobCount: 0, types: [] };
    queues.set(id, queue);
    if (deviceTypeId === null || !jobCount) continue;
    queue.jobCount += jobCount;
    queue.types.push({ deviceTypeId, jobCount });
  }
  for (const queue of queues.values()) {
    const sorted = queue.types.toSorted((a, b) => b.jobCount - a.jobCount || a.deviceTypeId - b.deviceTypeId);
    queue.types = sorted.slice(0, MOST_TYPES);
  }
  return queues;
}
