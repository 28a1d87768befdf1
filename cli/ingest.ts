/** Starts and stops the ingest thread. */
import type { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FinishedJob, SyncReport } from '#ingest/sync.ts';
import { lockIngest } from '#store/ingest-lock.ts';
import { assertUsable, openStore } from '#store/open.ts';
import type { Config, ConfiguredSource } from './config.ts';
import { VERSION } from './version.ts';

export type ThreadData = Pick<Config, 'rules' | 'store' | 'logLevel' | 'vault'> & {
  sources: ConfiguredSource[];
  version: string;
};
export type ToThread =
  | { type: 'stop' }
  | { type: 'hint'; slug: string; externalId: string | null }
  | { type: 'news'; slug: string };
export type FromThread =
  | { type: 'ready' }
  | { type: 'jobFinished'; job: FinishedJob }
  | { type: 'report'; slug: string; report: SyncReport };

/** What is read is forgotten at once: V8 would take 128 MB for young objects, where 48 do. */
const LIMITS = { maxYoungGenerationSizeMb: 48 };

export type IngestEvents = EventEmitter<{
  jobFinished: [FinishedJob];
  report: [string, SyncReport];
}>;

/** Brings the store to this version. */
async function assertReady(place: Config['store']): Promise<void> {
  const store = await openStore({ ...place, mode: 'write' });
  try {
    await assertUsable(store, place.url);
  } finally {
    await store.close();
  }
}

export type Ingest = {
  /** Resolves when the thread has died by itself, be it before anybody asks. */
  broken: Promise<Error>;
  /** As `Ingester.hint`. */
  hint(slug: string, externalId: string | null): void;
  /** As `Ingester.news`. */
  news(slug: string): void;
  stop(): Promise<void>;
};

/**
 * Resolves when the store is migrated and the first syncs are under way.
 * @throws StoreInUse when another process reads sources into the store.
 * @throws StoreUnavailable when its server does not answer.
 * @throws InvalidInput when a newer version wrote it.
 */
export async function startIngest(config: Config, events: IngestEvents): Promise<Ingest> {
  const workerData: ThreadData = {
    sources: config.sources,
    rules: config.rules,
    store: config.store,
    vault: config.vault,
    logLevel: config.logLevel,
    version: VERSION,
  };
  const unlock = lockIngest(config.store.url);
  // Here what is wrong with the store is told in its own words; an error that leaves a thread loses its kind.
  await assertReady(config.store);
  const thread = new Worker(new URL('./start-thread.js', import.meta.url), { workerData, resourceLimits: LIMITS });
  // Not events.once, which would reject when the thread dies.
  const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  let stopping = false;
  const died = new Promise<Error>((resolve) => thread.once('error', resolve));
  const ready = new Promise<null>((resolve) => {
    thread.on('message', (message: FromThread) => {
      if (message.type === 'ready') resolve(null);
      else if (message.type === 'jobFinished') events.emit('jobFinished', message.job);
      else events.emit('report', message.slug, message.report);
    });
  });
  const error = await Promise.race([ready, died]);
  if (error) throw error;
  const order = (message: ToThread) => thread.postMessage(message);
  return {
    hint: (slug, externalId) => order({ type: 'hint', slug, externalId }),
    news: (slug) => order({ type: 'news', slug }),
    broken: died.then((late) => (stopping ? new Promise(() => undefined) : late)),
    async stop() {
      stopping = true;
      order({ type: 'stop' });
      await exited;
      unlock();
    },
  };
}
