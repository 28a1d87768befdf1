/** What sources did, day by day. */
import { and, eq, inArray, type SQLWrapper, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { Store } from './store.ts';
import { sightOf } from './visibility.ts';

const { env, envDay } = tables;

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
