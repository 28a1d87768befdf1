/** What changes need and the API may not do itself: asking masters, posting to webhooks, writing, keeping secrets. */
import type { Trial } from '#schema/trial.ts';
import type { Store } from '#store/store.ts';
import type { Vault } from '#store/vault.ts';
import type { Mailer } from './mailer.ts';
import type { Webhooks } from './webhook.ts';

export type SourceDesk = {
  trySource(place: { url: string; token: string | null; caPem: string | null }, signal: AbortSignal): Promise<Trial>;
  /** The store for what people change; opened when it is first needed. */
  open(): Promise<Store>;
  /** The same for what may fail and is said again: it waits for nobody who writes. */
  openImpatiently(): Promise<Store>;
  vault: Vault;
  webhooks: Webhooks;
  /** Null where the operator named no mail server. */
  mailer: Mailer | null;
};
