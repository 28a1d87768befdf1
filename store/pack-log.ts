/** A log as it comes, into compressed frames with an index of its lines; no more than a frame of it is held unpacked. */
import { createHash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import type { Frame, LogIndex } from './log-index.ts';

const FRAME_BYTES = 256 * 1024;
const MAX_ERROR_LINES = 200;
/** So much of a line is looked at. */
const LINE_BYTES = 4096;
const LEVEL = /^- \{.{0,60}?"lvl": ?"([a-z]{1,20})"/;
const ERRORS = new Set(['error', 'exception']);
/** Levels at which the board itself speaks: a dispatcher that lists what it looks for is no crash. */
const BOARD = new Set(['target', 'feedback', '']);
const CRASH = /Kernel panic|Oops[: ]|\bBUG: |Unable to handle kernel|Internal error: |Call [Tt]race:|segfault at /;
const NEWLINE = 10;

export type PackedLog = { hash: Buffer; bytes: number; lineCount: number; index: LogIndex; body: readonly Buffer[] };

/** The same for the same bytes, in whatever pieces they come. */
export function packLog(pieces: Iterable<Uint8Array>): PackedLog {
  const frames: Frame[] = [];
  const bodies: Buffer[] = [];
  const lines = createLineIndex();
  const hash = createHash('sha256');
  let bytes = 0;
  let offset = 0;
  let frameLine = 0;
  let frame: Buffer = Buffer.alloc(0);
  /** Up to here the frame's lines are known. */
  let known = 0;

  const cut = (end: number) => {
    if (end === 0) return;
    const body = zstdCompressSync(frame.subarray(0, end));
    frames.push({ firstLine: frameLine, offset, length: body.length });
    bodies.push(body);
    offset += body.length;
    frameLine = lines.count();
    frame = frame.subarray(end);
    known = 0;
  };
  const take = (more: readonly Buffer[]) => {
    frame = Buffer.concat([frame, ...more]);
    for (let newline = frame.indexOf(NEWLINE, known); newline >= 0; newline = frame.indexOf(NEWLINE, known)) {
      lines.add(frame, known, newline + 1);
      known = newline + 1;
      if (known >= FRAME_BYTES) cut(known);
    }
  };

  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for (const piece of pieces) {
    const raw = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    hash.update(raw);
    bytes += raw.length;
    waiting.push(raw);
    waitingBytes += raw.length;
    if (waitingBytes < FRAME_BYTES || !raw.includes(NEWLINE)) continue;
    take(waiting);
    waiting = [];
    waitingBytes = 0;
  }
  take(waiting);
  if (known < frame.length) lines.add(frame, known, frame.length);
  cut(frame.length);
  return {
    hash: hash.digest(),
    bytes,
    lineCount: lines.count(),
    index: { frames, levels: lines.levels, errorLines: lines.errorLines },
    body: bodies,
  };
}

function createLineIndex() {
  const levels: string[] = [];
  const errorLines: number[] = [];
  /** One string a level, and not one a line. */
  const words = new Map<string, string>();
  const wordOf = (level: string) => {
    const word = words.get(level) ?? level;
    words.set(level, word);
    return word;
  };
  return {
    levels,
    errorLines,
    count: () => levels.length,
    add(bytes: Buffer, start: number, end: number) {
      const line = bytes.toString('utf8', start, Math.min(end, start + LINE_BYTES));
      const level = wordOf(LEVEL.exec(line)?.[1] ?? '');
      if (errorLines.length < MAX_ERROR_LINES && (ERRORS.has(level) || (BOARD.has(level) && CRASH.test(line))))
        errorLines.push(levels.length);
      levels.push(level);
    },
  };
}
