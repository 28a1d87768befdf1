/** What the one-shot commands share: the writer, the chosen sources, an orderly end on SIGTERM. */
import type { Logger } from 'pino';
import type { ScheduledSource } from '#ingest/schedule.ts';
import { openSources, settingsOf } from '#ingest/sources.ts';
import { InvalidInput } from '#store/error.ts';
import { openStore, storeName } from '#store/open.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
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
  const chosen = config.sources.filter((source) => slug === null || source.slug === slug);
  if (chosen.length === 0) {
    const known = config.sources.map((source) => source.slug).join(', ') || 'none';
    throw new InvalidInput(
      slug === null ? 'no sources are configured' : `no source is called "${slug}"; there are: ${known}`,
    );
  }
  const store = await openStore({ ...config.store, mode: 'write' });
  const problem = await store.schemaProblem();
  if (problem) {
    await store.close();
    throw new InvalidInput(`${storeName(config.store.url)}: ${problem}`);
  }
  const aborter = new AbortController();
  const abort = () => aborter.abort(new Error('stopped by a signal'));
  process.once('SIGTERM', abort);
  process.once('SIGINT', abort);
  const writer = createWriter(store, config.rules);
  const opened = openSources(chosen, VERSION);
  try {
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
