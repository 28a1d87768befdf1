/** `basalt doctor --rebuild`: derived tables as the facts say, and a report of what was not so. */
import { rebuild } from '#store/rebuild.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { createProgress } from './progress.ts';
import { withWriter } from './with-store.ts';

/** Can run beside a server that reads sources: each slice is a transaction of its own. */
export async function rebuildStore(config: Config): Promise<number> {
  return withWriter(config, async (writer) => {
    const progress = createProgress();
    const differences = await rebuild(writer, Date.now() * 1000, {
      onSlice: (done, all) => progress.update('derived tables', `${done} of ${all} slices`),
    });
    progress.finish('derived tables', differences.length === 0 ? '0 differences' : 'mended');
    for (const { table, missing, extra, wrong } of differences) {
      process.stdout.write(`${table}: ${missing} rows were missing, ${extra} too many, ${wrong} wrong\n`);
    }
    return differences.length === 0 ? EXIT.ok : EXIT.findings;
  });
}
