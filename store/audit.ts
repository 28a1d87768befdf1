/** What the last audit of a source found. */
import { eq } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type AuditFindings, readAuditNotes } from './audit-memory.ts';
import type { Store } from './store.ts';
import { sightOf } from './visibility.ts';

const { audit } = tables;

/** An audit of before audits repaired. */
const NOTHING_DONE = { alarm: null, repaired: 0, deleted: 0 };

/** What the last audit found, over the jobs the viewer may see. */
export async function getAudit(
  store: Store,
  viewer: Viewer,
  sourceId: number,
): Promise<(AuditFindings & { checkedAt: Micros }) | null> {
  const sight = await sightOf(store, viewer);
  if (!sight.sourceIds.includes(sourceId)) return null;
  const [row] = await store.db.select().from(audit).where(eq(audit.sourceId, sourceId));
  if (!row) return null;
  const { checkedAt, publicView, ...all } = row;
  const notes = await readAuditNotes(store, sourceId);
  return sight.seesPrivate
    ? { checkedAt, ...all, ...(notes?.all ?? NOTHING_DONE) }
    : { checkedAt, ...publicView, ...(notes?.public ?? NOTHING_DONE) };
}
