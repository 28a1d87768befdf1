/** What a source holds against what is stored. */
import type { Adapter } from '#adapters/adapter.ts';
import { JobHealth, JobState, type Micros } from '#schema/records.ts';
import { type AuditResult, getSyncState, listJobFates, saveAudit } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';

const LISTED = 100;

/** Compares every job the token sees by id, state, health and end, and stores what was found. */
export async function auditSource(
  writer: Writer,
  adapter: Adapter,
  slug: string,
  { now, signal }: { now: () => Micros; signal: AbortSignal },
): Promise<AuditResult> {
  const source = await getSyncState(writer, slug);
  if (!source) throw new Error(`source ${slug} is not in the store`);
  const stored = await listJobFates(writer, source);
  const storeCount = stored.size;
  const missing: string[] = [];
  const changed: string[] = [];
  let sourceCount = 0;
  for await (const page of adapter.inventory({ now, signal })) {
    for (const row of page) {
      sourceCount += 1;
      const mine = stored.get(row.externalId);
      if (!mine) {
        missing.push(row.externalId);
        continue;
      }
      stored.delete(row.externalId);
      const same =
        JobState.options[mine.state] === row.state &&
        JobHealth.options[mine.health] === row.health &&
        mine.endAt === row.endAt;
      if (!same) changed.push(row.externalId);
    }
  }
  const result = { sourceCount, storeCount, missing, changed, goneAtSource: stored.size };
  await saveAudit(
    writer,
    source.id,
    { ...result, missing: missing.slice(0, LISTED), changed: changed.slice(0, LISTED) },
    now(),
  );
  return result;
}
