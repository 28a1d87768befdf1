/**
 * Logs lie outside the database: zstd frames of about 256 KiB, cut at line ends, in a file named by the hash of the
 * log. The file and its name are on disk before a row names it, so that a crash leaves at most a file nobody names.
 */
import { hash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Frame, LogIndex } from './log-index.ts';

const FRAME_BYTES = 256 * 1024;
const MAX_ERROR_LINES = 200;
const LEVEL = /^- \{.{0,60}?"lvl": ?"([a-z]{1,20})"/;
const ERRORS = new Set(['error', 'exception']);
/** Levels at which the board itself speaks: a dispatcher that lists what it looks for is no crash. */
const BOARD = new Set(['target', 'feedback', '']);
const CRASH = /Kernel panic|Oops[: ]|\bBUG: |Unable to handle kernel|Internal error: |Call [Tt]race:|segfault at /;
const NEWLINE = 10;

export type PackedLog = { hash: Buffer; bytes: number; lineCount: number; index: LogIndex; body: Buffer };

export function packLog(bytes: Uint8Array): PackedLog {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Frame[] = [];
  const levels: string[] = [];
  const errorLines: number[] = [];
  const bodies: Buffer[] = [];
  let offset = 0;
  let frameStart = 0;
  let frameLine = 0;
  const cut = (end: number) => {
    if (end === frameStart) return;
    const body = zstdCompressSync(raw.subarray(frameStart, end));
    frames.push({ firstLine: frameLine, offset, length: body.length });
    bodies.push(body);
    offset += body.length;
    frameStart = end;
    frameLine = levels.length;
  };
  for (let start = 0; start < raw.length; ) {
    const newline = raw.indexOf(NEWLINE, start);
    const end = newline < 0 ? raw.length : newline + 1;
    const line = raw.toString('utf8', start, Math.min(end, start + 4096));
    const level = LEVEL.exec(line)?.[1] ?? '';
    if (errorLines.length < MAX_ERROR_LINES && (ERRORS.has(level) || (BOARD.has(level) && CRASH.test(line)))) {
      errorLines.push(levels.length);
    }
    levels.push(level);
    if (end - frameStart >= FRAME_BYTES) cut(end);
    start = end;
  }
  cut(raw.length);
  return {
    hash: hash('sha256', raw, 'buffer'),
    bytes: raw.length,
    lineCount: levels.length,
    index: { frames, levels, errorLines },
    body: Buffer.concat(bodies),
  };
}

export function logPath(dir: string, logHash: Uint8Array): string {
  const name = Buffer.from(logHash).toString('hex');
  return join(dir, name.slice(0, 2), `${name.slice(2)}.zst`);
}

/** Writes the file unless it is there. It is on disk when this returns, its name once its folder is synced. */
export function writeLogFile(dir: string, packed: PackedLog): void {
  const path = logPath(dir, packed.hash);
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  // Of two containers that share the folder, each may be process 1.
  const scratch = `${path}.${randomUUID()}.part`;
  const file = openSync(scratch, 'wx');
  try {
    // A disk that becomes full takes a part of what one call gives it, and says so at the next.
    writeFileSync(file, packed.body);
    fsyncSync(file);
  } catch (cause) {
    rmSync(scratch, { force: true });
    throw cause;
  } finally {
    closeSync(file);
  }
  renameSync(scratch, path);
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
      const packed = Buffer.alloc(frame.length);
      readSync(file, packed, 0, frame.length, frame.offset);
      const text = zstdDecompressSync(packed).toString('utf8').split('\n');
      lines.push(...text.slice(Math.max(0, from - frame.firstLine), Math.min(next, end) - frame.firstLine));
    }
  } finally {
    closeSync(file);
  }
  return lines;
}

/** The whole log, byte for byte as the source served it. */
export function readLogBytes(dir: string, logHash: Uint8Array, index: LogIndex): Buffer {
  const file = openSync(logPath(dir, logHash), 'r');
  try {
    const frames = index.frames.map((frame) => {
      const packed = Buffer.alloc(frame.length);
      readSync(file, packed, 0, frame.length, frame.offset);
      return zstdDecompressSync(packed);
    });
    return Buffer.concat(frames);
  } finally {
    closeSync(file);
  }
}
