/**
 * Files of logs that no job names any more. Their rows have gone in the transaction of the last job that named them;
 * the files follow in one of their own, in which nobody writes: a job that names the log again meanwhile keeps it.
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { logPath, removeScratch } from './log-file.ts';
import type { Writer } from './writer.ts';

const PAGE = 200;

/** While it lies in the folder, another store names files there too, and none is deleted. */
export const SHARED_LOGS = 'SHARED';

export type LogRemoval = { files: number; bytes: number };

/** Deletes the files that are due. Cut short anywhere, it goes on the next time. */
export async function removeLogFiles(writer: Writer, signal?: AbortSignal): Promise<LogRemoval> {
  const { store } = writer;
  const removed = { files: 0, bytes: 0 };
  removeScratch(store.logDir);
  if (isShared(store.logDir)) return removed;
  const page = async () => {
    const due = await store.sql.all<{ hash: Buffer; named: number }>(
      `SELECT hash, CASE WHEN EXISTS (SELECT 1 FROM log WHERE log.hash = log_removal.hash) THEN 1 ELSE 0 END AS named
       FROM log_removal ORDER BY hash LIMIT ${PAGE}`,
    );
    for (const { hash, named } of due) {
      if (named === 0) {
        const path = logPath(store.logDir, hash);
        const size = statSync(path, { throwIfNoEntry: false })?.size;
        rmSync(path, { force: true });
        if (size !== undefined) {
          removed.files += 1;
          removed.bytes += size;
        }
      }
      await store.sql.run('DELETE FROM log_removal WHERE hash = ?', hash);
    }
    return due.length === PAGE;
  };
  while (!signal?.aborted && (await writer.transaction(page, { alone: true })));
  return removed;
}

export function isShared(logDir: string): boolean {
  return existsSync(join(logDir, SHARED_LOGS));
}
