/** What is missing in a copy because it could not be understood. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { Store } from './store.ts';
import { gapIsVisible, ifOfAllJobs, sightOf } from './visibility.ts';

const { deadLetter } = tables;

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
