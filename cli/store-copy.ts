/** `basalt store copy FROM TO`: an archive from one engine to the other, verified. */
import { resolve } from 'node:path';
import { copyStore } from '#store/copy.ts';
import { InvalidInput } from '#store/error.ts';
import { lockIngest } from '#store/ingest-lock.ts';
import { isAnyoneReading } from '#store/lease.ts';
import { assertStoreExists, assertUsable, openStore, storeName } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import { EXIT } from './exit-code.ts';
import { createProgress } from './progress.ts';

export type CopyOptions = { fromLogs?: string; toLogs?: string; withoutLostLogs?: boolean };

type Environment = Record<string, string | undefined>;

/** @throws InvalidInput when a store is not there, not whole, not empty, or is being written to. */
export async function copy(from: string, to: string, options: CopyOptions, env: Environment): Promise<number> {
  const [fromUrl, toUrl] = [urlOf(from, env), urlOf(to, env)];
  if (storeName(fromUrl) === storeName(toUrl)) throw new InvalidInput('both names are the same store');
  assertStoreExists(fromUrl);
  const logs = resolve(env.BASALT_DATA || './data', 'logs');
  const place = (url: string, folder: string | undefined) =>
    url.startsWith('sqlite:') && !folder ? { url } : { url, logDir: folder ? resolve(folder) : logs };
  const unlock = [lockIngest(fromUrl), lockIngest(toUrl)];
  const source = await openStore({ ...place(fromUrl, options.fromLogs), mode: 'read' });
  const target = await openStore({ ...place(toUrl, options.toLogs), mode: 'write' });
  try {
    await assertUsable(source, fromUrl);
    await assertQuiet(fromUrl, source);
    await assertQuiet(toUrl, target);
    const progress = createProgress();
    const copied = await copyStore(source, target, {
      onProgress: (table, rows) => progress.update(table, `${rows} rows`),
      withoutLostLogs: options.withoutLostLogs === true,
    });
    for (const { table, rows } of copied) progress.finish(table, `${rows} rows, read back and equal`);
    return EXIT.ok;
  } finally {
    await source.close();
    await target.close();
    for (const release of unlock) release();
  }
}

/** A URL, or `env:NAME`: a password on the command line is seen by everybody on the machine. */
function urlOf(name: string, env: Environment): string {
  if (!name.startsWith('env:')) return name;
  const url = env[name.slice('env:'.length)];
  if (!url) throw new InvalidInput(`the environment has no ${name.slice('env:'.length)}: set it to the store's URL`);
  return url;
}

async function assertQuiet(url: string, store: Store): Promise<void> {
  if (store.engine === 'postgres' && (await isAnyoneReading(store.sql))) {
    throw new InvalidInput(`${storeName(url)}: an ingester reads sources into it; stop it first`);
  }
}
