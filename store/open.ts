/** A store by its URL. */
import { InvalidInput } from './error.ts';
import { describePostgres, isPostgresUrl, openPostgres } from './postgres.ts';
import { assertThere, openSqlite, SCHEME, sqlitePath } from './sqlite.ts';
import type { Store, StoreOptions } from './store.ts';

/**
 * @throws InvalidInput when the URL is not understood or a newer version wrote the store.
 * @throws StoreUnavailable when its server does not answer.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  return isPostgresUrl(options.url) ? openPostgres(options) : openSqlite(checked(options));
}

/** What to call the store of a URL in messages: no secret is in it. */
export function storeName(url: string): string {
  return isPostgresUrl(url) ? describePostgres(url) : sqlitePath(checked({ url }).url);
}

/** @throws InvalidInput when there is no file where one should be. */
export function assertStoreExists(url: string): void {
  if (!isPostgresUrl(url)) assertThere(storeName(url));
}

/** @throws InvalidInput when its tables are not those of this version, or not whole. */
export async function assertUsable(store: Store, url: string): Promise<void> {
  const problem = await store.schemaProblem();
  if (problem) throw new InvalidInput(`${storeName(url)}: ${problem}`);
}

function checked<Options extends { url: string }>(options: Options): Options {
  const { url } = options;
  if (!url.startsWith(SCHEME) || url.length === SCHEME.length) {
    throw new InvalidInput(
      `store: "${url.replace(/\/\/[^/@]*@/, '//')}" is not understood; write sqlite:PATH, for example sqlite:./data/basalt.db, or postgres://USER:PASSWORD@HOST/DATABASE`,
    );
  }
  return options;
}
