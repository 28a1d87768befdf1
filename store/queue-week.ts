/** How long jobs waited for a board: a row an environment and week, which counts them by day and waiting time. */
import { addCounts, createCountSums, packCounts } from './packed-counts.ts';
import { readPacked, savePacked } from './packed-row.ts';
import type { Sql } from './store.ts';
import { firstDayOf, WEEK_DAYS, weekOf } from './week.ts';

export const QUEUE_WEEK = { name: 'queue_week', at: 'week', value: 'waits' } as const;

/** A day has so many buckets. Times are below 2^53 us: no wait needs the last ones. */
export const BUCKETS = 288;
/** Of a week: a day's buckets follow those of the day before. */
export const SLOTS = WEEK_DAYS * BUCKETS;

/** Bucket of a waiting time: eight an octave, so that a percentile is right within 4.5 %. */
export function queueBucket(waitSeconds: number): number {
  return Math.floor(8 * Math.log2(1 + Math.max(0, waitSeconds)));
}

/** Jobs of one environment that ended on a day and had waited so long. */
export type Wait = { envId: number; day: number; bucket: number; jobs: number };

/** Waits of one week on top of those that are stored. */
export function packWaits(waits: readonly Wait[], stored: Uint8Array = new Uint8Array()): Buffer {
  const counts = createCountSums(SLOTS);
  addCounts(stored, counts);
  const { sums } = counts;
  for (const { day, bucket, jobs } of waits) {
    const slot = (day - firstDayOf(weekOf(day))) * BUCKETS + bucket;
    sums[slot] = (sums[slot] ?? 0) + jobs;
  }
  const left: [number, number][] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const jobs = sums[slot] ?? 0;
    if (jobs > 0) left.push([slot, jobs]);
  }
  return packCounts(left);
}

/** Call inside a transaction; jobs below zero are taken away. Rows come in one order, so that two writers wait in it. */
export async function addWaits(sql: Sql, waits: readonly Wait[]): Promise<void> {
  const sorted = waits.toSorted((a, b) => weekOf(a.day) - weekOf(b.day) || a.envId - b.envId);
  for (const [week, inWeek] of Map.groupBy(sorted, ({ day }) => weekOf(day))) {
    const byEnv = Map.groupBy(inWeek, ({ envId }) => envId);
    const stored = await readPacked(sql, QUEUE_WEEK, week, [...byEnv.keys()]);
    const rows = [...byEnv].map(([envId, more]) => [envId, packWaits(more, stored.get(envId))] as const);
    await savePacked(sql, QUEUE_WEEK, week, rows);
  }
}
