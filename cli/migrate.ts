/** `basalt migrate`: opening the store for writing brings it to this version. */
import { openStore, storePath } from '#store/open.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';

export async function migrate(config: Config): Promise<number> {
  const store = openStore({ url: config.storeUrl, mode: 'write' });
  const problem = store.schemaProblem();
  store.close();
  if (problem) {
    process.stderr.write(`${storePath(config.storeUrl)}: ${problem}\n`);
    return EXIT.config;
  }
  process.stdout.write(`${storePath(config.storeUrl)}: up to date\n`);
  return EXIT.ok;
}
