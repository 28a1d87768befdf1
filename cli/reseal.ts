/** `basalt reseal`: after a new key, everything that one of before sealed. */
import { reseal } from '#store/reseal.ts';
import { createVault } from '#store/vault.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { withStore } from './with-store.ts';

export async function resealStore(config: Config): Promise<number> {
  return withStore(config, 'write', async (store) => {
    const done = await reseal(store, createVault(config.vault), 'basalt reseal', Date.now() * 1000);
    for (const { what, count, lost } of done) {
      process.stdout.write(`${what}: ${count} sealed with the key of now\n`);
      for (const name of lost)
        process.stdout.write(`${what}: ${name} opens with none of the keys, and is left as it is\n`);
    }
    const isWhole = done.every(({ lost }) => lost.length === 0);
    if (isWhole)
      process.stdout.write(
        'BASALT_SECRET_KEY_OLD can be taken away; links in mails of before end no subscription then\n',
      );
    return isWhole ? EXIT.ok : EXIT.findings;
  });
}
