/** `basalt migrate`: opening the store for writing brings it to this version. */
import { openStore, storeName } from '#store/open.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';

export async function migrate(config: Config): Promise<number> {
  const store = await openStore({ ...config.store, mode: 'write' });
  const problem = await store.schemaProblem();
  await store.close();
  if (problem) {
    process.stderr.write(`${storeName(config.store.url)}: ${problem}\n`);
    return EXIT.config;
  }
  process.stdout.write(`${storeName(config.store.url)}: up to date\n`);
  return EXIT.ok;
}
