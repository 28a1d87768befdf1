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
/** While SQLite waits, no page is served. */
const IMPATIENCE_MS = 20;

export function openSourceDesk(config: Pick<Config, 'store' | 'vault'>): SourceDesk & { close(): Promise<void> } {
  const patient = whenNeeded(config, PATIENCE_MS);
  const impatient = whenNeeded(config, IMPATIENCE_MS);
  return {
    vault: createVault(config.vault),
    trySource: (place, signal) => trySource({ ...place, version: VERSION }, signal),
    open: patient.open,
    openImpatiently: async () => ((await patient.open()).engine === 'sqlite' ? impatient.open() : patient.open()),
    async close() {
      await Promise.all([patient.close(), impatient.close()]);
    },
  };
}

function whenNeeded(config: Pick<Config, 'store'>, patienceMs: number) {
  let store: Promise<Store> | null = null;
  return {
    async open(): Promise<Store> {
      store ??= openStore({ ...config.store, mode: 'write', patienceMs });
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
