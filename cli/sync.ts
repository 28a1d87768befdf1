/** `basalt sync`: one run of every chosen source, beside each other. */
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
    const reports = await Promise.all(
      sources.map(async (source): Promise<SyncReport> => {
        const report = await syncSource(
          {
            writer,
            adapter: source.adapter,
            slug: source.slug,
            now,
            signal,
            log: log.child({ source: source.slug }),
            onFinished: () => undefined,
            onProgress: (totals) =>
              progress.update(source.slug, `${totals.jobsRead} jobs read, ${totals.requests} requests`),
            refresh: { probe: true, fleet: true },
          },
          'MANUAL',
        );
        progress.finish(source.slug, summary(report));
        return report;
      }),
    );
    return reports.every((report) => report.state === 'succeeded') ? EXIT.ok : EXIT.source;
  });
}

function summary({ state, error, jobsRead, jobsWritten, rejected, requests }: SyncReport): string {
  const numbers = `${jobsRead} jobs read, ${jobsWritten} written, ${rejected} quarantined, ${requests} requests`;
  if (error) return `failed (${error.code}): ${error.message}. ${numbers}`;
  return state === 'succeeded' ? numbers : `${state}. ${numbers}`;
}
