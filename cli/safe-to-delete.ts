/** `basalt audit --safe-to-delete`: what the masters may delete, because it is whole here. */
import { listSafeToDelete, whyNothingIsSafe } from '#store/safe-to-delete.ts';
import { getSyncState } from '#store/write-source.ts';
import { chosenSources } from './chosen-sources.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';
import { withStore } from './with-store.ts';

const DAY = 86_400_000_000;

/** @throws CommandFailure when the age is none, or there is no such source. */
export async function safeToDelete(config: Config, slug: string | null, olderThan: string): Promise<number> {
  const days = /^([1-9]\d{0,4})d$/.exec(olderThan)?.[1];
  if (days === undefined)
    throw new CommandFailure(EXIT.usage, `--older-than: "${olderThan}" is no age; write days, for example 30d`);
  const endedBefore = Date.now() * 1000 - Number(days) * DAY;
  return withStore(config, 'read', async (store) => {
    const sources = await chosenSources(config, store, slug);
    let code: number = EXIT.ok;
    process.stdout.write('source,job,ended,results,log bytes\n');
    for (const source of sources) {
      const state = await getSyncState({ store }, source.slug);
      const why = state ? await whyNothingIsSafe(store, state) : 'not read yet';
      if (!state || why !== null) {
        process.stderr.write(`${source.slug}: nothing is listed: ${why}\n`);
        code = EXIT.findings;
        continue;
      }
      for await (const job of listSafeToDelete(store, state, endedBefore)) {
        const ended = new Date(job.endAt / 1000).toISOString();
        process.stdout.write(`${source.slug},${job.externalId},${ended},${job.results},${job.logBytes}\n`);
      }
    }
    return code;
  });
}
