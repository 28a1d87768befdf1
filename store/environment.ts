/** Environments: device type, source, public or not. Facts and sums are kept by them, and what a viewer may see is a set of them. */
import type { Viewer } from '#schema/viewer.ts';
import type { JobFilter } from './job-filter.ts';
import { sourceIdsOf } from './source.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';
import { sightOf } from './visibility.ts';

/** What part of the world an answer is about. */
export type Scope = Pick<JobFilter, 'sources' | 'deviceTypes' | 'since' | 'until' | 'includeHealthChecks'>;

export type EnvironmentRow = {
  id: number;
  sourceId: number;
  slug: string;
  deviceTypeId: number;
  deviceType: string /** As the source calls it. */;
  ownType: string;
};

/** Those in scope that the viewer may see, by device type and source. Every answer from facts and sums begins here. */
export async function listEnvironments(
  store: Store,
  viewer: Viewer,
  scope: Pick<Scope, 'sources' | 'deviceTypes'>,
): Promise<EnvironmentRow[]> {
  const sight = await sightOf(store, viewer);
  const sourceIds = await sourceIdsOf(store, sight, scope.sources ?? {});
  if (sourceIds.length === 0) return [];
  const rows = await store.sql.all<EnvironmentRow>(
    `SELECT e.id, e.source_id AS "sourceId", s.slug, e.device_type_id AS "deviceTypeId", t.name AS "deviceType",
       o.name AS "ownType"
     FROM env e JOIN device_type t ON t.id = e.device_type_id JOIN device_type o ON o.id = e.own_device_type_id JOIN source s ON s.id = e.source_id
     WHERE e.source_id IN (${sourceIds.map(() => '?').join(', ')}) AND (e.is_public = 1 OR ? = 1)
     ORDER BY t.name, s.slug, o.name, e.is_public`,
    ...sourceIds,
    sight.seesPrivate ? 1 : 0,
  );
  const types = scope.deviceTypes && new Set(scope.deviceTypes);
  return rows
    .map((row) => ({
      ...row,
      slug: fromStored(row.slug),
      deviceType: fromStored(row.deviceType),
      ownType: fromStored(row.ownType),
    }))
    .filter((row) => !types || types.has(row.deviceType) || types.has(row.ownType));
}
