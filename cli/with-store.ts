/** A store that is there, opened for a command beside which others may read sources into it. */
import { assertStoreExists, assertUsable, openStore } from '#store/open.ts';
import type { Store, StoreOptions } from '#store/store.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import type { Config } from './config.ts';

export async function withStore<T>(
  config: Config,
  mode: StoreOptions['mode'],
  work: (store: Store) => Promise<T>,
): Promise<T> {
  assertStoreExists(config.store.url);
  const store = await openStore({ ...config.store, mode });
  try {
    await assertUsable(store, config.store.url);
    return await work(store);
  } finally {
    await store.close();
  }
}

export function withWriter<T>(config: Config, work: (writer: Writer) => Promise<T>): Promise<T> {
  return withStore(config, 'write', (store) => work(createWriter(store, config.rules)));
}
