/** Slices of logs. */
import { existsSync } from 'node:fs';
import type { Viewer } from '#schema/viewer.ts';
import { getJobsById } from './job.ts';
import { logPath, readLogLines } from './log-file.ts';
import { unpackLogIndex } from './log-index.ts';
import type { Store } from './store.ts';

export type LogSliceRow = {
  lines: { n: number; raw: string }[];
  totalLines: number;
  matchingLines: number;
  bytes: number;
  truncated: boolean;
  /** Its file is not where it should be: no line can be told. */
  isLost: boolean;
  errorLines: number[];
};

/** Lines of a job's log; with levels, `from` and `limit` count the lines that match. Null when there is no log. */
export async function getLogSlice(
  store: Store,
  viewer: Viewer,
  jobId: number,
  { from, limit, levels }: { from: number; limit: number; levels: readonly string[] | null },
): Promise<LogSliceRow | null> {
  const job = (await getJobsById(store, viewer, [jobId])).get(jobId);
  if (!job || job.logId === null) return null;
  const row = await store.sql.get<{ hash: Buffer; bytes: number; truncated: number; lines: Buffer }>(
    'SELECT hash, bytes, truncated, lines FROM log WHERE id = ?',
    job.logId,
  );
  if (!row) return null;
  const index = unpackLogIndex(row.lines);
  const totalLines = index.levels.length;
  const isLost = !existsSync(logPath(store.logDir, row.hash));
  const facts = { totalLines, bytes: row.bytes, truncated: row.truncated === 1, isLost, errorLines: index.errorLines };
  if (isLost) return { ...facts, matchingLines: totalLines, lines: [] };
  if (!levels) {
    const raw = readLogLines(store.logDir, row.hash, index, from, from + limit);
    return { ...facts, matchingLines: totalLines, lines: raw.map((text, i) => ({ n: from + i, raw: text })) };
  }
  const wanted = new Set(levels);
  const matching = index.levels.flatMap((level, n) => (wanted.has(level) ? [n] : []));
  const chosen = matching.slice(from, from + limit);
  const [first, last] = [chosen[0], chosen.at(-1)];
  if (first === undefined || last === undefined) return { ...facts, matchingLines: matching.length, lines: [] };
  const raw = readLogLines(store.logDir, row.hash, index, first, last + 1);
  return { ...facts, matchingLines: matching.length, lines: chosen.map((n) => ({ n, raw: raw[n - first] ?? '' })) };
}
