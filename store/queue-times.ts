/** Waiting times a day or week as a quantile. All that reads queue_week for an answer is here. */
import type { EnvironmentRow } from './environment.ts';
import type { Days } from './flips.ts';
import { addCounts, type CountSums, createCountSums } from './packed-counts.ts';
import { BUCKETS, SLOTS } from './queue-week.ts';
import type { Store } from './store.ts';
import { firstDayOf, WEEK_DAYS, weekOf } from './week.ts';

/** Of a day, or of the week that begins on it: so many jobs, and the wait in seconds that their share did not exceed. */
export type QueueTime = { environments: readonly EnvironmentRow[]; day: number; n: number; value: number };
export type QueueTimesOf = { quantile: number; isWeek: boolean; days: Days };

/** Read at a time: three months are one query, three years of a large fleet do not lie in memory. */
const WEEKS = 16;

/** Of each group of environments; where nothing has waited there is nothing. Ends when more than `limit` are found. */
export async function readQueueTimes(
  store: Store,
  groups: readonly (readonly EnvironmentRow[])[],
  { quantile, isWeek, days }: QueueTimesOf,
  limit: number,
): Promise<QueueTime[]> {
  const ids = groups.flat().map(({ id }) => id);
  if (ids.length === 0) return [];
  const counts = createCountSums(SLOTS);
  const times: QueueTime[] = [];
  const end = weekOf(days.until - 1) + 1;
  for (let from = weekOf(days.from); from < end && times.length <= limit; from += WEEKS) {
    const rows = await store.sql.all<{ envId: number; week: number; waits: Buffer }>(
      `SELECT env_id AS "envId", week, waits FROM queue_week
       WHERE env_id IN (${ids.map(() => '?').join(', ')}) AND week >= ? AND week < ?`,
      ...[...ids, from, Math.min(from + WEEKS, end)],
    );
    const byEnv = Map.groupBy(rows, (row) => row.envId);
    for (const environments of groups) {
      const ofGroup = environments.flatMap(({ id }) => byEnv.get(id) ?? []);
      for (const [week, same] of Map.groupBy(ofGroup, (row) => row.week)) {
        for (const { waits } of same) addCounts(waits, counts);
        const totals = isWeek ? foldWeek(counts) : totalsOf(counts);
        const first = firstDayOf(week);
        const last = isWeek ? first + 1 : Math.min(days.until, first + WEEK_DAYS);
        for (let day = Math.max(days.from, first); day < last; day++) {
          const n = totals[day - first] ?? 0;
          if (n > 0) times.push({ environments, day, n, value: waitAt(counts, (day - first) * BUCKETS, quantile * n) });
        }
        clear(counts);
      }
    }
  }
  return times;
}

/** All days become the first; its jobs. */
function foldWeek(counts: CountSums): number[] {
  const { sums, seen, size } = counts;
  const all = totalsOf(counts).reduce((sum, more) => sum + more, 0);
  for (let i = 0; i < size; i++) {
    const slot = seen[i] ?? 0;
    if (slot < BUCKETS) continue;
    sums[slot % BUCKETS] = (sums[slot % BUCKETS] ?? 0) + (sums[slot] ?? 0);
    sums[slot] = 0;
  }
  return [all];
}

/** Jobs by day of the week. */
function totalsOf({ sums, seen, size }: CountSums): number[] {
  const totals = new Array<number>(WEEK_DAYS).fill(0);
  for (let i = 0; i < size; i++) {
    const slot = seen[i] ?? 0;
    const day = Math.floor(slot / BUCKETS);
    totals[day] = (totals[day] ?? 0) + (sums[slot] ?? 0);
  }
  return totals;
}

function clear(counts: CountSums): void {
  counts.sums.fill(0);
  counts.size = 0;
}

/** The wait that so many jobs of a day did not exceed, seconds: the middle of its bucket (see queueBucket). */
function waitAt({ sums }: CountSums, first: number, jobs: number): number {
  let passed = 0;
  let bucket = 0;
  for (let at = 0; at < BUCKETS && passed < jobs; at++) {
    passed += sums[first + at] ?? 0;
    bucket = at;
  }
  return 2 ** ((bucket + 0.5) / 8) - 1;
}
