/** Where the server asks masters that are not read yet, posts to webhooks, and writes what people change. */
import { createMailer } from '#adapters/mail.ts';
import { trySource } from '#adapters/try-source.ts';
import { createWebhooks } from '#adapters/webhook.ts';
import type { SourceDesk } from '#api/source-desk.ts';
import { createVault } from '#store/vault.ts';
import type { Config } from './config.ts';
import { lazyStore } from './lazy-store.ts';
import { VERSION } from './version.ts';

/** Longer than a transaction of the ingester, shorter than anybody waits. */
const PATIENCE_MS = 4_000;
/** While SQLite waits, no page is served. */
const IMPATIENCE_MS = 20;

export function openSourceDesk(
  config: Pick<Config, 'store' | 'vault' | 'webhooks' | 'mail'>,
): SourceDesk & { close(): Promise<void> } {
  const patient = lazyStore({ ...config.store, mode: 'write', patienceMs: PATIENCE_MS });
  const impatient = lazyStore({ ...config.store, mode: 'write', patienceMs: IMPATIENCE_MS });
  return {
    vault: createVault(config.vault),
    mailer: config.mail && createMailer(config.mail),
    webhooks: createWebhooks({ privateHosts: config.webhooks.privateHosts, userAgent: `Basalt/${VERSION}` }),
    trySource: (place, signal) => trySource({ ...place, version: VERSION }, signal),
    open: patient.open,
    openImpatiently: async () => ((await patient.open()).engine === 'sqlite' ? impatient.open() : patient.open()),
    async close() {
      await Promise.all([patient.close(), impatient.close()]);
    },
  };
}
