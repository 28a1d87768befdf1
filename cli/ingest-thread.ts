/**
 * The thread that reads the sources and owns the store's one writer, so that neither parsing nor packing ever holds
 * up a page. Speaks with cli/ingest.ts by messages.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { keepExplaining } from '#ingest/explain.ts';
import { auditSteadily } from '#ingest/keep-auditing.ts';
import { createLeases } from '#ingest/leases.ts';
import { followLive } from '#ingest/live.ts';
import { keepRetention } from '#ingest/retention.ts';
import { createRoster, readWanted, saveWanted } from '#ingest/roster.ts';
import { createIngester } from '#ingest/schedule.ts';
import type { FinishedJob } from '#ingest/sync.ts';
import { keepChecking, keepPlacing, keepReadingLogs, keepSplitting, prepareStore } from '#ingest/upkeep.ts';
import { whenPossible } from '#ingest/when-possible.ts';
import { openStore } from '#store/open.ts';
import { createVault } from '#store/vault.ts';
import { createWriter } from '#store/writer.ts';
import type { FromThread, ThreadData, ToThread } from './ingest.ts';
import { createLogger } from './log.ts';

const port = parentPort;
if (!port) throw new Error('ingest-thread.ts runs as a thread of cli/ingest.ts');

const data = workerData as ThreadData;
const say = (message: FromThread) => port.postMessage(message);
const log = createLogger(data.logLevel);
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

const store = await openStore({ ...data.store, mode: 'write' });
const writer = createWriter(store, data.rules);
const vault = createVault(data.vault);
const slugs: string[] = [];
const leases = createLeases({
  writer,
  slugs,
  log,
  isBusy: (slug) => ingester.isBusy(slug),
});
// Where the store tells it to every process, this one hears it there.
const onFinished = (job: FinishedJob) => store.engine === 'sqlite' && say({ type: 'jobFinished', job });
const ingester = createIngester({
  leases,
  sources: [],
  now,
  log,
  onFinished,
  onReport: (slug, report) => say({ type: 'report', slug, report }),
});

const stopping = new AbortController();
const upkeep = { writer, now, log, signal: stopping.signal };
const roster = createRoster({
  ...upkeep,
  configured: data.sources,
  vault,
  version: data.version,
  leases,
  slugs,
  ingester,
  audit: ({ source }, signal) =>
    auditSteadily({ ...upkeep, leases, isBusy: ingester.isBusy, onFinished, signal }, source),
  live: ({ source }, signal) =>
    followLive(source, {
      ...upkeep,
      signal,
      held: () => leases.held(source.slug),
      onEnded: (externalId) => ingester.hint(source.slug, externalId, 'LIVE'),
    }),
});
let working = Promise.resolve();

port.on('message', async (message: ToThread) => {
  if (message.type === 'hint') return ingester.hint(message.slug, message.externalId);
  if (message.type === 'news') return ingester.news(message.slug);
  stopping.abort();
  await working;
  await ingester.stop();
  await leases.stop();
  await roster.close();
  await store.close();
  port.close();
});

// Pages are served also while nothing can be written.
let isSaved = false;
let onTried = (): void => undefined;
const tried = new Promise<void>((resolve) => {
  onTried = resolve;
});
async function prepare(): Promise<void> {
  try {
    if (!isSaved) await saveWanted(writer, await readWanted(store, data.sources, vault), now());
    isSaved = true;
  } finally {
    onTried();
  }
  await prepareStore(upkeep);
}

working = whenPossible(prepare, upkeep);
await tried;
say({ type: 'ready' });
await working;
if (!stopping.signal.aborted) {
  await whenPossible(roster.look, upkeep);
  await ingester.start();
  const kept = [
    keepChecking(upkeep),
    keepPlacing(upkeep),
    keepReadingLogs(upkeep),
    keepExplaining(upkeep),
    keepSplitting(upkeep),
    keepRetention(upkeep),
    roster.keep(),
  ];
  working = Promise.all(kept).then(() => undefined);
}
