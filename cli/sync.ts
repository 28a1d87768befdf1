/** `basalt sync`: one run of every chosen source, beside each other. */

import { createLeases } from '#ingest/leases.ts';
import { type SyncReport, syncSource } from '#ingest/sync.ts';
import { prepareStore } from '#ingest/upkeep.ts';
import { lockIngest } from '#store/ingest-lock.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { createProgress } from './progress.ts';
import { inSession } from './session.ts';

/** @throws StoreInUse when another process reads sources into the store. */
export async function sync(config: Config, slug: string | null): Promise<number> {
  const unlock = lockIngest(config.store.url);
  try {
    return await syncAll(config, slug);
  } finally {
    unlock();
  }
}

async function syncAll(config: Config, slug: string | null): Promise<number> {
  return inSession(config, slug, async ({ writer, sources, log, signal, now }) => {
    await prepareStore({ writer, now, log, signal });
    const progress = createProgress();
    const leases = createLeases({ writer, slugs: sources.map((source) => source.slug), log, guest: true });
    await leases.start(() => undefined);
    const codes = await Promise.all(
      sources.map(async (source): Promise<number> => {
        const held = leases.held(source.slug);
        if (!held) {
          progress.finish(source.slug, 'another Basalt reads it now');
          return EXIT.busy;
        }
        const report = await syncSource(
          {
            writer: held.writer,
            adapter: source.adapter,
            slug: source.slug,
            now,
            signal: AbortSignal.any([signal, held.signal]),
            log: log.child({ source: source.slug }),
            onFinished: () => undefined,
            onProgress: (totals) =>
              progress.update(source.slug, `${totals.jobsRead} jobs read, ${totals.requests} requests`),
            refresh: { probe: true, fleet: true },
          },
          'MANUAL',
        );
        progress.finish(source.slug, summary(report));
        return report.state === 'succeeded' ? EXIT.ok : EXIT.source;
      }),
    ).finally(() => leases.stop());
    return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
  });
}

function summary({ state, error, jobsRead, jobsWritten, rejected, requests }: SyncReport): string {
  const numbers = `${jobsRead} jobs read, ${jobsWritten} written, ${rejected} quarantined, ${requests} requests`;
  if (error) return `failed (${error.code}): ${error.message}. ${numbers}`;
  return state === 'succeeded' ? numbers : `${state}. ${numbers}`;
}
