/** Logs that this version has not read, as an ingester reads them beside its work. */
import { expect } from 'vitest';
import { type OldLogs, readOldFailures } from '#store/old-failures.ts';
import type { Writer } from '#store/writer.ts';

const soundOnly: OldLogs['onUnreadable'] = (job, cause) => expect.fail(`${job.source}/${job.externalId}: ${cause}`);

export async function readEveryLog(writer: Writer, onUnreadable = soundOnly): Promise<void> {
  while (await readOldFailures(writer, 2, { onUnreadable }));
}
