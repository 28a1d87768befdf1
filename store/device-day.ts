/** Jobs of boards by day, and how many of them failed by the lab's fault: read from the sums. */
import type { Viewer } from '#schema/viewer.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import type { Days } from './flips.ts';
import { idList, LISTED } from './id-list.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';

export type DeviceDayRow = { device: string; lab: string; day: number; jobs: number; infrastructure: number };

export async function listDeviceDays(
  store: Store,
  viewer: Viewer,
  scope: Pick<Scope, 'sources' | 'deviceTypes'>,
  { from, until }: Days,
): Promise<DeviceDayRow[]> {
  const environments = await listEnvironments(store, viewer, scope);
  const labs = new Map(environments.map((row: EnvironmentRow) => [row.sourceId, row.slug]));
  const rows = await store.sql.all<Omit<DeviceDayRow, 'lab'> & { sourceId: number }>(
    `SELECT v.hostname AS device, v.source_id AS "sourceId", d.day, sum(d.jobs) AS jobs, sum(d.infrastructure) AS infrastructure
     FROM device_day d JOIN device v ON v.id = d.device_id
     WHERE d.env_id IN ${LISTED[store.engine]} AND d.day >= ? AND d.day < ?
     GROUP BY v.hostname, v.source_id, d.day ORDER BY v.source_id, v.hostname, d.day`,
    ...[idList(environments.map(({ id }) => id)), from, until],
  );
  return rows.map(({ sourceId, device, ...sums }) => ({
    ...sums,
    device: fromStored(device),
    lab: labs.get(sourceId) ?? '',
  }));
}
