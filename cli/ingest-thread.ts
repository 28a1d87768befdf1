/**
 * The thread that reads the sources and owns the store's one writer, so that neither parsing nor packing ever holds
 * up a page. Speaks with cli/ingest.ts by messages.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createIngester } from '#ingest/schedule.ts';
import { openSources, settingsOf } from '#ingest/sources.ts';
import { keepChecking, prepareStore } from '#ingest/upkeep.ts';
import { openStore } from '#store/open.ts';
import { saveSources } from '#store/write-source.ts';
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
await saveSources(writer, data.sources.map(settingsOf));
const opened = openSources(data.sources, data.version);
const ingester = createIngester({
  writer,
  sources: opened.sources,
  now,
  log,
  onFinished: (job) => say({ type: 'jobFinished', job }),
  onReport: (slug, report) => say({ type: 'report', slug, report }),
});

const stopping = new AbortController();
const upkeep = { writer, now, log, signal: stopping.signal };
let working = Promise.resolve();

port.on('message', async (message: ToThread) => {
  if (message.type !== 'stop') return;
  stopping.abort();
  await working;
  await ingester.stop();
  await opened.close();
  await store.close();
  port.close();
});

say({ type: 'ready' });
working = prepareStore(upkeep);
await working;
if (!stopping.signal.aborted) {
  ingester.start();
  working = keepChecking(upkeep);
}
