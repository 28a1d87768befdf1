/** Single lines of many logs: of each one frame is read. */
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parseLogLine } from '#schema/lava-log.ts';
import type { Viewer } from '#schema/viewer.ts';
import { getJobsById } from './job.ts';
import { logPath, readLogLines } from './log-file.ts';
import { unpackLogIndex } from './log-index.ts';
import { selectIn } from './many-rows.ts';
import type { Store } from './store.ts';

export type LinePlace = { jobId: number; line: number };

/** What each line says; null where the viewer may not see it, or its log is gone. */
export async function getLogLines(
  store: Store,
  viewer: Viewer,
  places: readonly LinePlace[],
): Promise<(string | null)[]> {
  const jobs = await getJobsById(store, viewer, [...new Set(places.map(({ jobId }) => jobId))]);
  const logs = await selectIn<{ id: number; hash: Buffer; lines: Buffer }>(
    store.sql,
    'SELECT id, hash, lines FROM log WHERE id',
    [],
    [...new Set([...jobs.values()].flatMap(({ logId }) => logId ?? []))],
  );
  const byId = new Map(logs.map((log) => [log.id, log]));
  const found: (string | null)[] = [];
  for (const { jobId, line } of places) {
    const log = byId.get(jobs.get(jobId)?.logId ?? 0);
    found.push(log ? readLine(store, log, line) : null);
    await setImmediate();
  }
  return found;
}

/** Null where there is none that can be read: who reads it for faults tells of a damaged one. */
function readLine({ logDir }: Store, { hash, lines }: { hash: Buffer; lines: Buffer }, line: number): string | null {
  if (!existsSync(logPath(logDir, hash))) return null;
  try {
    const [raw] = readLogLines(logDir, hash, unpackLogIndex(lines), line, line + 1);
    return raw === undefined ? null : parseLogLine(raw).text;
  } catch {
    return null;
  }
}
