/** The sources a command is about: those of the configuration, and those that were added to the store. */
import { readWanted } from '#ingest/roster.ts';
import type { Configured } from '#ingest/sources.ts';
import type { Store } from '#store/store.ts';
import { createVault } from '#store/vault.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';

/** All of them without a slug. @throws CommandFailure when there is none. */
export async function chosenSources(
  config: Pick<Config, 'sources' | 'vault'>,
  store: Pick<Store, 'sql'>,
  slug: string | null,
): Promise<Configured[]> {
  const { sources } = await readWanted(store, config.sources, createVault(config.vault));
  if (sources.length === 0) throw new CommandFailure(EXIT.config, 'no sources are configured');
  const chosen = sources.filter((source) => slug === null || source.slug === slug);
  if (chosen.length > 0) return chosen;
  const known = sources.map((source) => source.slug).join(', ');
  throw new CommandFailure(EXIT.usage, `no source is called "${slug}"; there are: ${known}`);
}
