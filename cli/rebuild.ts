/** `basalt doctor --rebuild`: derived tables as the facts say, and a report of what was not so. */
import { explainStored } from '#store/explain-stored.ts';
import { countOldJobs, readOldFailures } from '#store/old-failures.ts';
import { rebuild } from '#store/rebuild.ts';
import { splitStored } from '#store/split-stored.ts';
import type { Writer } from '#store/writer.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { createProgress, type Progress } from './progress.ts';
import { withWriter } from './with-store.ts';

/** Jobs whose logs are read between two signs of life. */
const JOBS = 20;

/** Can run beside a server that reads sources: each slice is a transaction of its own. */
export async function rebuildStore(config: Config): Promise<number> {
  return withWriter(config, async (writer) => {
    const progress = createProgress();
    await readOldLogs(writer, progress);
    while (await splitStored(writer)) progress.update('failure groups', 'split');
    while (await explainStored(writer)) progress.update('known issues', 'held against stored jobs');
    for (const { id, problem } of await brokenRules(writer))
      process.stdout.write(`known issue ${id} cannot be run, and explains nothing until it is changed: ${problem}\n`);
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

async function brokenRules(writer: Writer) {
  await writer.transaction(() => writer.issues.current());
  return writer.issues.broken();
}

/** Those that this version has not read: failure groups are checked once all were. */
async function readOldLogs(writer: Writer, progress: Progress): Promise<void> {
  const all = await countOldJobs(writer.store.sql);
  if (all === 0) return;
  let unreadable = 0;
  const onUnreadable = (job: { source: string; externalId: string }) => {
    unreadable += 1;
    process.stdout.write(`the stored log of ${job.source} job ${job.externalId} cannot be read\n`);
  };
  for (let done = JOBS; await readOldFailures(writer, JOBS, { onUnreadable }); done += JOBS)
    progress.update('stored logs', `${Math.min(done, all)} of ${all} jobs`);
  progress.finish('stored logs', `${all} jobs${unreadable === 0 ? '' : `, ${unreadable} of them damaged`}`);
}
