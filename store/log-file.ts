/**
 * Logs lie outside the database: zstd frames of about 256 KiB, cut at line ends, in a file named by the hash of the
 * log. The file and its name are on disk before a row names it, so that a crash leaves at most a file nobody names.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Frame, LogIndex } from './log-index.ts';
import { type PackedLog, packLog } from './pack-log.ts';

/** How the name of a file ends that is being written; one as old as this was left by a crash. */
const SCRATCH = '.part';
const LEFT_MS = 86_400_000;

export function logPath(dir: string, logHash: Uint8Array): string {
  const name = Buffer.from(logHash).toString('hex');
  return join(dir, name.slice(0, 2), `${name.slice(2)}.zst`);
}

/** Packs a log into its file, unless it is there. It is on disk when this returns, its name once its folder is synced. */
export function writeLogFile(dir: string, pieces: Iterable<Uint8Array>): PackedLog {
  makeFolder(dir);
  // Of two containers that share the folder, each may be process 1.
  const scratch = join(dir, `${randomUUID()}${SCRATCH}`);
  const file = openSync(scratch, 'wx');
  try {
    // A disk that becomes full takes a part of what one call gives it, and says so at the next.
    const packed = packLog(pieces, (body) => writeFileSync(file, body));
    const path = logPath(dir, packed.hash);
    if (existsSync(path)) return packed;
    fsyncSync(file);
    makeFolder(dirname(path));
    renameSync(scratch, path);
    return packed;
  } finally {
    closeSync(file);
    rmSync(scratch, { force: true });
  }
}

/** Deletes what was being written when a process ended. */
export function removeScratch(dir: string): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir).filter((one) => one.endsWith(SCRATCH))) {
    const path = join(dir, name);
    const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > LEFT_MS) rmSync(path, { force: true });
  }
}

/** With the folders it lies in; those that it made are on disk when this returns. */
function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  const above = dirname(resolve(first));
  for (let at = resolve(folder); at !== above; at = dirname(at)) syncFolder(dirname(at));
}

/** The names in the folder are on disk when this returns. */
export function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The lines from..to (exclusive) without their newlines; reads only the frames they lie in. */
export function readLogLines(dir: string, logHash: Uint8Array, index: LogIndex, from: number, to: number): string[] {
  const total = index.levels.length;
  const end = Math.min(to, total);
  if (from >= end) return [];
  const lines: string[] = [];
  const file = openSync(logPath(dir, logHash), 'r');
  try {
    for (const [i, frame] of index.frames.entries()) {
      const next = index.frames[i + 1]?.firstLine ?? total;
      if (next <= from || frame.firstLine >= end) continue;
      const text = readFrame(file, frame).toString('utf8').split('\n');
      lines.push(...text.slice(Math.max(0, from - frame.firstLine), Math.min(next, end) - frame.firstLine));
    }
  } finally {
    closeSync(file);
  }
  return lines;
}

/** The whole log, byte for byte as the source served it, frame by frame. */
export function* readLogFrames(dir: string, logHash: Uint8Array, index: Pick<LogIndex, 'frames'>): Generator<Buffer> {
  const file = openSync(logPath(dir, logHash), 'r');
  try {
    for (const frame of index.frames) yield readFrame(file, frame);
  } finally {
    closeSync(file);
  }
}

function readFrame(file: number, { offset, length }: Frame): Buffer {
  const packed = Buffer.alloc(length);
  readSync(file, packed, 0, length, offset);
  return zstdDecompressSync(packed);
}
