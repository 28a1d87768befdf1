/** Patterns of known issues in a log: the first line that each is in. */
import { existsSync } from 'node:fs';
import type { LinearPattern } from '#analysis/linear-pattern.ts';
import { parseLogLine } from '#schema/lava-log.ts';
import { eachLine, LINE_BYTES } from './log-faults.ts';
import { logPath, readLogFrames } from './log-file.ts';
import { type LogIndex, unpackLogIndex } from './log-index.ts';
import type { Store } from './store.ts';

/** Line of the log, and byte of its text at which the match begins. */
export type LogHit = { line: number; byteOffset: number };
/** What was found of a rule; null where it is in no line. */
export type LogFindings = ReadonlyMap<number, LogHit | null>;
type Wanted = { id: number; log: LinearPattern | null };

/** By the rules' ids; of rules without a pattern nothing. */
export function searchFrames(frames: Iterable<Buffer>, rules: readonly Wanted[]): LogFindings {
  const found = new Map<number, LogHit | null>();
  const open = rules.flatMap(({ id, log }) => (log ? [{ id, log }] : []));
  for (const { id } of open) found.set(id, null);
  let line = 0;
  eachLine(frames, (frame, start, end) => {
    const text = textOf(frame.toString('utf8', start, Math.min(end, start + LINE_BYTES)));
    for (let i = open.length - 1; i >= 0; i--) {
      const one = open[i];
      if (!one?.log.test(text)) continue;
      found.set(one.id, { line, byteOffset: Buffer.byteLength(text.slice(0, one.log.indexIn(text))) });
      open.splice(i, 1);
    }
    line += 1;
    return open.length > 0;
  });
  return found;
}

/** What the line says: nearly all need no parser. */
const PLAIN = /^- \{"dt": "[^"\\]{0,40}", "lvl": "[a-z]{1,20}", "msg": "([^"\\]*)"\}\r?\n?$/;
function textOf(line: string): string {
  return PLAIN.exec(line)?.[1] ?? parseLogLine(line.endsWith('\n') ? line.slice(0, -1) : line).text;
}

/** In the log that has just been packed. */
export function searchPackedLog(
  { logDir }: Store,
  { hash, index }: { hash: Buffer; index: Pick<LogIndex, 'frames'> },
  rules: readonly Wanted[],
): LogFindings {
  return rules.length === 0 ? new Map() : searchFrames(readLogFrames(logDir, hash, index), rules);
}

/** In a stored log; null where there is none that can be read: who reads it for faults tells of a damaged one. */
export async function searchStoredLog(
  { sql, logDir }: Store,
  logId: number | null,
  rules: readonly Wanted[],
): Promise<LogFindings | null> {
  if (logId === null) return null;
  const row = await sql.get<{ hash: Buffer; lines: Buffer }>('SELECT hash, lines FROM log WHERE id = ?', logId);
  if (!row || !existsSync(logPath(logDir, row.hash))) return null;
  try {
    return searchFrames(readLogFrames(logDir, row.hash, unpackLogIndex(row.lines)), rules);
  } catch {
    return null;
  }
}
