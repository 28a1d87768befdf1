/** What changing sources needs and the API may not do itself: asking masters, writing, keeping tokens. */
import type { Trial } from '#schema/trial.ts';
import type { Store } from '#store/store.ts';
import type { Vault } from '#store/vault.ts';

export type SourceDesk = {
  trySource(place: { url: string; token: string | null; caPem: string | null }, signal: AbortSignal): Promise<Trial>;
  /** The store for what people change; opened when it is first needed. */
  open(): Promise<Store>;
  /** The same for what may fail and is said again: it waits for nobody who writes. */
  openImpatiently(): Promise<Store>;
  vault: Vault;
};
