/** Patterns of known issues in a log: the first line that each is in. */
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
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
  const search = createSearch(rules);
  for (const frame of frames) if (!search.take(frame)) break;
  return search.found;
}

/** A log a frame at a time, until `take` is false: all is found. */
function createSearch(rules: readonly Wanted[]): { found: LogFindings; take(frame: Buffer): boolean } {
  const found = new Map<number, LogHit | null>();
  const open = rules.flatMap(({ id, log }) => (log ? [{ id, log }] : []));
  for (const { id } of open) found.set(id, null);
  let line = 0;
  const take = (frame: Buffer) => {
    eachLine([frame], (bytes, start, end) => {
      const text = textOf(bytes.toString('utf8', start, Math.min(end, start + LINE_BYTES)));
      for (let i = open.length - 1; i >= 0; i--) {
        const one = open[i];
        if (!one?.log.test(text)) continue;
        found.set(one.id, { line, byteOffset: Buffer.byteLength(text.slice(0, one.log.indexIn(text))) });
        open.splice(i, 1);
      }
      line += 1;
      return open.length > 0;
    });
    return open.length > 0;
  };
  return { found, take };
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
  store: Store,
  logId: number | null,
  rules: readonly Wanted[],
): Promise<LogFindings | null> {
  const frames = await storedFrames(store, logId);
  try {
    return frames && searchFrames(frames, rules);
  } catch {
    return null;
  }
}

/** What may still be read, in bytes of logs as they were; one for several logs. */
export type Budget = { bytes: number };

/**
 * The same as far as the budget goes; others have their turn after each frame. `isWhole`: what was not found is not there.
 */
export async function searchLogWithin(
  store: Store,
  logId: number | null,
  rules: readonly Wanted[],
  budget: Budget,
): Promise<{ found: LogFindings | null; isWhole: boolean }> {
  const frames = await storedFrames(store, logId);
  if (!frames) return { found: null, isWhole: true };
  const search = createSearch(rules);
  try {
    for (const frame of frames) {
      budget.bytes -= frame.length;
      if (!search.take(frame)) break;
      if (budget.bytes <= 0) return { found: search.found, isWhole: false };
      await setImmediate();
    }
  } catch {
    return { found: null, isWhole: true };
  }
  return { found: search.found, isWhole: true };
}

async function storedFrames({ sql, logDir }: Store, logId: number | null): Promise<Iterable<Buffer> | null> {
  if (logId === null) return null;
  const row = await sql.get<{ hash: Buffer; lines: Buffer }>('SELECT hash, lines FROM log WHERE id = ?', logId);
  if (!row || !existsSync(logPath(logDir, row.hash))) return null;
  return readLogFrames(logDir, row.hash, unpackLogIndex(row.lines));
}
