/** A store that is opened when it is first needed. */
import { openStore } from '#store/open.ts';
import type { Store, StoreOptions } from '#store/store.ts';

export type LazyStore = { open(): Promise<Store>; close(): Promise<void> };

export function lazyStore(options: StoreOptions): LazyStore {
  let store: Promise<Store> | null = null;
  return {
    async open() {
      store ??= openStore(options);
      try {
        return await store;
      } catch (cause) {
        store = null;
        throw cause;
      }
    },
    async close() {
      await (await store)?.close();
    },
  };
}
