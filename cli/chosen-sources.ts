/** The sources a command is about. */
import type { Config, ConfiguredSource } from './config.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';

/** All of them without a slug. @throws CommandFailure when there is none. */
export function chosenSources({ sources }: Config, slug: string | null): ConfiguredSource[] {
  if (sources.length === 0) throw new CommandFailure(EXIT.config, 'no sources are configured');
  const chosen = sources.filter((source) => slug === null || source.slug === slug);
  if (chosen.length > 0) return chosen;
  const known = sources.map((source) => source.slug).join(', ');
  throw new CommandFailure(EXIT.usage, `no source is called "${slug}"; there are: ${known}`);
}
