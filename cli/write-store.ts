/** A store that is there, opened for a command that writes to it; others may read sources into it meanwhile. */
import { assertStoreExists, openStore } from '#store/open.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import type { Config } from './config.ts';

export async function withWriter<T>(config: Config, work: (writer: Writer) => Promise<T>): Promise<T> {
  assertStoreExists(config.store.url);
  const store = await openStore({ ...config.store, mode: 'write' });
  try {
    return await work(createWriter(store, config.rules));
  } finally {
    await store.close();
  }
}
