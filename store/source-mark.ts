/** Whether a source is known already, under another name or address. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { Store } from './store.ts';
import { sightOf } from './visibility.ts';

export type SourceMark = { externalId: string; submitAt: Micros };

/** Slug of the source that has the address, or a job of the same number and instant; null when none has. */
export async function findSource(
  store: Store,
  viewer: Viewer,
  url: string,
  marks: readonly SourceMark[],
): Promise<string | null> {
  const { sourceIds, seesPrivate } = await sightOf(store, viewer);
  if (!seesPrivate) return null;
  const ids = sourceIds.map(() => '?').join(', ');
  const same = await store.sql.get<{ slug: string }>(
    `SELECT slug FROM source WHERE url = ? AND configured = 1 AND id IN (${ids})`,
    url,
    ...sourceIds,
  );
  if (same) return same.slug;
  for (const { externalId, submitAt } of marks) {
    const row = await store.sql.get<{ slug: string }>(
      `SELECT s.slug FROM source s JOIN job j ON j.source_id = s.id AND j.epoch = s.epoch AND j.external_id = ?
       WHERE j.submit_at = ? AND s.configured = 1 AND s.id IN (${ids})`,
      externalId,
      submitAt,
      ...sourceIds,
    );
    if (row) return row.slug;
  }
  return null;
}
