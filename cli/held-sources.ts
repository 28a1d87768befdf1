/** Commands that read sources into the store: alone on its file, or with a lease of each source. */
import { createLeases, type Held } from '#ingest/leases.ts';
import { prepareStore } from '#ingest/upkeep.ts';
import type { Session } from './session.ts';

/** `heldBy` gives null for a source that another ingester reads. */
export async function withLeases<T>(
  { writer, sources, log, signal, now }: Session,
  body: (heldBy: (slug: string) => Held | null) => Promise<T>,
): Promise<T> {
  await prepareStore({ writer, now, log, signal });
  const leases = createLeases({ writer, slugs: sources.map((source) => source.slug), log, guest: true });
  await leases.start(() => undefined);
  try {
    return await body((slug) => leases.held(slug));
  } finally {
    await leases.stop();
  }
}
