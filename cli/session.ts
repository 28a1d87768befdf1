/** What the one-shot commands share: the writer, the chosen sources, an orderly end on SIGTERM. */
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import { inboxIn } from '#ingest/inbox.ts';
import { readWanted, saveWanted } from '#ingest/roster.ts';
import type { ScheduledSource } from '#ingest/schedule.ts';
import { openSources } from '#ingest/sources.ts';
import { assertUsable, openStore } from '#store/open.ts';
import { createVault } from '#store/vault.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { chosenSources } from './chosen-sources.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';
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
  // What is read is forgotten at once: more room for young objects than a start takes is not needed (bench/RESULTS.md).
  setFlagsFromString('--semi-space-growth-factor=1');
  const store = await openStore({ ...config.store, mode: 'write' });
  const aborter = new AbortController();
  const abort = () => aborter.abort(new Error('stopped by a signal'));
  process.once('SIGTERM', abort);
  process.once('SIGINT', abort);
  const writer = createWriter(store, config.rules);
  const now = () => Date.now() * 1000;
  await using open = new AsyncDisposableStack();
  open.defer(() => store.close());
  open.defer(() => {
    process.removeListener('SIGTERM', abort);
    process.removeListener('SIGINT', abort);
  });
  await assertUsable(store, config.store.url);
  const chosen = await chosenSources(config, store, slug);
  const wanted = await readWanted(store, config.sources, createVault(config.vault));
  const locked = wanted.locked.find((one) => chosen.some((source) => source.slug === one.slug));
  if (locked) throw new CommandFailure(EXIT.config, locked.reason);
  await saveWanted(writer, wanted, now());
  const opened = openSources(chosen, VERSION, inboxIn(writer));
  open.defer(() => opened.close());
  return await body({
    writer,
    sources: opened.sources,
    log: createLogger(config.logLevel === 'info' ? 'error' : config.logLevel),
    signal: aborter.signal,
    now,
  });
}
