/** What retention has deleted, as pages tell it. */
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { envIsVisible, jobIsVisibleInList, sightOf } from './visibility.ts';

export type RemovedJobRow = {
  sourceId: number;
  externalId: string;
  epoch: number;
  submitAt: Micros;
  removedAt: Micros;
};

/** That there was a job, when retention has deleted it: of the newest epoch that had the number. */
export async function getRemovedJob(
  store: Store,
  viewer: Viewer,
  slug: string,
  externalId: string,
): Promise<RemovedJobRow | null> {
  const { jobTombstone: stone, source, env } = tables;
  const [row] = await store.db
    .select({
      sourceId: stone.sourceId,
      externalId: stone.externalId,
      epoch: stone.epoch,
      submitAt: stone.submitAt,
      removedAt: stone.removedAt,
    })
    .from(stone)
    .innerJoin(source, eq(source.id, stone.sourceId))
    .innerJoin(env, eq(env.id, stone.envId))
    .where(
      and(
        envIsVisible(await sightOf(store, viewer)),
        eq(source.slug, toStored(slug)),
        eq(stone.externalId, toStored(externalId)),
      ),
    )
    .orderBy(sql`${stone.epoch} DESC`)
    .limit(1);
  return row ? { ...row, externalId: fromStored(row.externalId) } : null;
}

/** Jobs of a build whose single results retention has deleted. */
export async function countJobsWithoutResults(store: Store, viewer: Viewer, buildId: number): Promise<number> {
  const { job } = tables;
  const [row] = await store.db
    .select({ n: sql<number>`count(*)` })
    .from(job)
    .where(
      and(
        jobIsVisibleInList(store, await sightOf(store, viewer)),
        eq(job.buildId, buildId),
        isNotNull(job.resultsRemovedAt),
      ),
    );
  return row?.n ?? 0;
}
