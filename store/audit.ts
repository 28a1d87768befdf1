/** What the last audit of a source found. */
import { inArray } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type AuditFindings, readAuditNotes } from './audit-memory.ts';
import type { Store } from './store.ts';
import { sightOf } from './visibility.ts';

const { audit } = tables;

/** What an audit of an older version did not do. */
const NOTHING_DONE = { alarm: null, repaired: 0, sampled: 0, altered: 0, deleted: 0 };

export type AuditRow = AuditFindings & { checkedAt: Micros };

/** What the last audits found, over the jobs the viewer may see. */
export async function getAudits(
  store: Store,
  viewer: Viewer,
  sourceIds: readonly number[],
): Promise<Map<number, AuditRow>> {
  const sight = await sightOf(store, viewer);
  const seen = sourceIds.filter((id) => sight.sourceIds.includes(id));
  const rows = await store.db.select().from(audit).where(inArray(audit.sourceId, seen));
  const notes = await readAuditNotes(store, seen);
  return new Map(
    rows.map(({ sourceId, checkedAt, publicView, ...all }) => {
      const noted = notes.get(sourceId);
      const found = sight.seesPrivate
        ? { ...all, ...NOTHING_DONE, ...noted?.all }
        : { ...publicView, ...NOTHING_DONE, ...noted?.public };
      return [sourceId, { checkedAt, ...found }];
    }),
  );
}
