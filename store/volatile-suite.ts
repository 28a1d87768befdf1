/** Suites whose case names do not repeat from run to run (see shape.ts). */
import { and, asc, eq, gt, inArray, max } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { unpackShape } from './shape-codec.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';
import { envIsVisible, sightOf } from './visibility.ts';

export type VolatileSuite = { suite: string; example: string };

/** Those with visible runs on the source, by name; at most `limit`. The example is of the newest such run. */
export async function listVolatileSuites(
  store: Store,
  viewer: Viewer,
  sourceId: number,
  limit: number,
): Promise<VolatileSuite[]> {
  const { shape, env, suite } = tables;
  const newest = await store.db
    .select({ suite: suite.name, shapeId: max(shape.id) })
    .from(shape)
    .innerJoin(env, eq(env.id, shape.envId))
    .innerJoin(suite, eq(suite.id, shape.suiteId))
    .where(and(eq(env.sourceId, sourceId), envIsVisible(await sightOf(store, viewer)), gt(shape.loose, 0)))
    .groupBy(suite.name)
    .orderBy(asc(suite.name))
    .limit(limit);
  const ids = newest.flatMap((row) => row.shapeId ?? []);
  const shapes = await store.db.select().from(shape).where(inArray(shape.id, ids));
  const byId = new Map(shapes.map((row) => [row.id, row]));
  return newest.flatMap(({ suite: name, shapeId }) => {
    const row = byId.get(shapeId ?? 0);
    const example = row && unpackShape(row.cases, row.size).looseNames()[0];
    return example ? [{ suite: fromStored(name), example: example.name }] : [];
  });
}
