/** Where the server asks masters that are not read yet, and writes what people change. */
import { trySource } from '#adapters/try-source.ts';
import type { SourceDesk } from '#api/source-desk.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import { createVault } from '#store/vault.ts';
import type { Config } from './config.ts';
import { VERSION } from './version.ts';

/** Longer than a transaction of the ingester, shorter than anybody waits. */
const PATIENCE_MS = 4_000;

export function openSourceDesk(config: Pick<Config, 'store' | 'vault'>): SourceDesk & { close(): Promise<void> } {
  let store: Promise<Store> | null = null;
  return {
    vault: createVault(config.vault),
    trySource: (place, signal) => trySource({ ...place, version: VERSION }, signal),
    async open() {
      store ??= openStore({ ...config.store, mode: 'write', patienceMs: PATIENCE_MS });
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
