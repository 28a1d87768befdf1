/** `basalt serve`: API and pages on one port, the ingest thread beside them; `basalt ingest`: that thread alone. */
import { join } from 'node:path';
import next from 'next';
import type { Logger } from 'pino';
import { buildApp } from '#api/app.ts';
import { openStore } from '#store/open.ts';
import type { Config } from './config.ts';
import { type IngestEvents, startIngest } from './ingest.ts';
import { VERSION } from './version.ts';

export type Running = { close(): Promise<void> };

/** Resolves when the port answers. Without `ingest` it only serves what others read into the store. */
export async function startServer(
  config: Config,
  log: Logger,
  events: IngestEvents,
  { ingest: reads = true }: { ingest?: boolean } = {},
): Promise<Running & { url: string }> {
  const ingest = reads ? await startIngest(config, events) : null;
  const store = await openStore({ ...config.store, mode: 'read' });
  const stopListening = store.listen((job) => events.emit('jobFinished', job));
  const pages = next({ dev: false, dir: join(import.meta.dirname, '../frontend'), quiet: true });
  const app = await buildApp({
    store,
    access: config.access,
    events,
    logger: log,
    version: VERSION,
    startedAt: Date.now() * 1000,
    pages: async () => {
      await pages.prepare();
      return { handle: pages.getRequestHandler() };
    },
  });
  const url = await app.listen({ host: config.host, port: config.port });
  process.env.BASALT_API_URL = url;
  return {
    url,
    async close() {
      await app.close();
      await ingest?.stop();
      await stopListening();
      await pages.close();
      await store.close();
    },
  };
}

/** Runs until SIGTERM or SIGINT, then puts everything down in order; a second signal ends at once. */
export async function untilStopped(running: Running, log: Logger, events: IngestEvents): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(130);
      stopping = true;
      log.info({ signal }, 'stopping');
      setTimeout(() => {
        log.error('it did not stop within 15 s');
        process.exit(70);
      }, 15_000).unref();
      running.close().then(
        () => resolve(0),
        (cause: unknown) => {
          log.error({ err: cause }, 'it did not stop in order');
          resolve(70);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    events.once('broken', (error) => {
      log.fatal({ err: error }, 'the ingest thread broke');
      process.exit(70);
    });
  });
}
