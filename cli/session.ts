/** What the one-shot commands share: the writer, the chosen sources, an orderly end on SIGTERM. */
import type { Logger } from 'pino';
import type { ScheduledSource } from '#ingest/schedule.ts';
import { openSources, settingsOf } from '#ingest/sources.ts';
import { assertUsable, openStore } from '#store/open.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { chosenSources } from './chosen-sources.ts';
import type { Config } from './config.ts';
import { createLogger } from './log.ts';
import { VERSION } from './version.ts';

export type Session = {
  writer: Writer;
  sources: readonly ScheduledSource[];
  log: Logger;
  signal: AbortSignal;
  now: () => number;
};

export async function inSession<T>(
  config: Config,
  slug: string | null,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const chosen = chosenSources(config, slug);
  const store = await openStore({ ...config.store, mode: 'write' });
  const aborter = new AbortController();
  const abort = () => aborter.abort(new Error('stopped by a signal'));
  process.once('SIGTERM', abort);
  process.once('SIGINT', abort);
  const writer = createWriter(store, config.rules);
  const opened = openSources(chosen, VERSION);
  try {
    await assertUsable(store, config.store.url);
    await saveSources(writer, config.sources.map(settingsOf));
    return await body({
      writer,
      sources: opened.sources,
      log: createLogger(config.logLevel === 'info' ? 'error' : config.logLevel),
      signal: aborter.signal,
      now: () => Date.now() * 1000,
    });
  } finally {
    await opened.close();
    await store.close();
    process.removeListener('SIGTERM', abort);
    process.removeListener('SIGINT', abort);
  }
}
