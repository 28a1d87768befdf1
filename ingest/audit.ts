/** What a source holds against what is stored. */
import type { Adapter, InventoryRow } from '#adapters/adapter.ts';
import { JobHealth, JobState, type Micros } from '#schema/records.ts';
import type { AuditView } from '#schema/tables.ts';
import {
  type AuditResult,
  getSyncState,
  listJobFates,
  listRemovedJobs,
  type StoredJobFate,
  saveAudit,
} from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';

const LISTED = 100;

/** Compares every job the token sees by id, state, health and end, and stores what was found. What retention has deleted is left out. */
export async function auditSource(
  writer: Writer,
  adapter: Adapter,
  slug: string,
  { now, signal }: { now: () => Micros; signal: AbortSignal },
): Promise<AuditResult> {
  const source = await getSyncState(writer, slug);
  if (!source) throw new Error(`source ${slug} is not in the store`);
  const stored = await listJobFates(writer, source);
  const removed = await listRemovedJobs(writer, source);
  const all = createTally(stored.size);
  const open = createTally([...stored.values()].filter((job) => job.isPublic === 1).length);
  for await (const page of adapter.inventory({ now, signal })) {
    for (const row of page) {
      if (removed.has(row.externalId)) continue;
      const mine = stored.get(row.externalId);
      stored.delete(row.externalId);
      const verdict = !mine ? 'missing' : isSame(mine, row) ? 'same' : 'changed';
      all.count(row.externalId, verdict);
      if (mine ? mine.isPublic === 1 : row.isPublic) open.count(row.externalId, verdict);
    }
  }
  const gone = [...stored.values()];
  const found = all.view(gone.length);
  const publicView = open.view(gone.filter((job) => job.isPublic === 1).length);
  await saveAudit(writer, source.id, { ...short(found), publicView: short(publicView) }, now());
  return { ...found, publicView };
}

function isSame(mine: StoredJobFate, row: InventoryRow): boolean {
  return (
    JobState.options[mine.state] === row.state &&
    JobHealth.options[mine.health] === row.health &&
    mine.endAt === row.endAt
  );
}

function createTally(storeCount: number) {
  const missing: string[] = [];
  const changed: string[] = [];
  let sourceCount = 0;
  return {
    count(externalId: string, verdict: 'missing' | 'same' | 'changed'): void {
      sourceCount += 1;
      if (verdict === 'missing') missing.push(externalId);
      if (verdict === 'changed') changed.push(externalId);
    },
    view: (goneAtSource: number): AuditView => ({ sourceCount, storeCount, missing, changed, goneAtSource }),
  };
}

function short(view: AuditView): AuditView {
  return { ...view, missing: view.missing.slice(0, LISTED), changed: view.changed.slice(0, LISTED) };
}
