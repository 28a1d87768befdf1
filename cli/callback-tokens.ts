/** Tokens by which sources' jobs may tell of their end: those of the configuration, and those of sources in the store. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { callbackPlace, listAddedSources } from '#store/added-source.ts';
import type { Store } from '#store/store.ts';
import { NoKey, type Vault } from '#store/vault.ts';
import type { Config } from './config.ts';

const LOOK_MS = 2_000;

type Sources = Pick<Config, 'sources'>['sources'];

/** By slug; a source of the configuration wins. One whose token cannot be opened takes none. */
export async function readCallbackTokens(
  store: Pick<Store, 'sql'>,
  configured: readonly Pick<Sources[number], 'slug' | 'callbackToken'>[],
  vault: Pick<Vault, 'open'>,
): Promise<Map<string, string>> {
  const tokens = new Map<string, string>();
  for (const source of await listAddedSources(store)) {
    if (!source.callbackToken) continue;
    try {
      tokens.set(source.slug, vault.open(source.callbackToken, callbackPlace(source)));
    } catch (cause) {
      if (!(cause instanceof NoKey)) throw cause;
    }
  }
  for (const { slug, callbackToken } of configured) {
    tokens.delete(slug);
    if (callbackToken !== null) tokens.set(slug, callbackToken);
  }
  return tokens;
}

/** Reads them every few seconds into `tokens`, until the signal comes. */
export async function keepCallbackTokens(
  tokens: Map<string, string>,
  read: () => Promise<ReadonlyMap<string, string>>,
  log: Logger,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const now = await read();
      for (const slug of tokens.keys()) if (!now.has(slug)) tokens.delete(slug);
      for (const [slug, token] of now) tokens.set(slug, token);
    } catch (cause) {
      log.error({ err: cause }, 'the tokens of callbacks could not be looked up');
    }
    await wait(lookMs, null, { signal }).catch(() => null);
  }
}
