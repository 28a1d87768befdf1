/** A log as it comes, into compressed frames with an index of its lines; no more than a frame of it is held unpacked. */
import { createHash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import type { KernelFault } from '#analysis/kernel-fault.ts';
import { BOARD, createLineReader } from './log-faults.ts';
import type { Frame, NewLogIndex } from './log-index.ts';

const FRAME_BYTES = 256 * 1024;
const MAX_ERROR_LINES = 200;
const ERRORS = new Set(['error', 'exception']);
const CRASH = /Kernel panic|Oops[: ]|\bBUG: |Unable to handle kernel|Internal error: |Call [Tt]race:|segfault at /;
const NEWLINE = 10;

export type PackedLog = {
  hash: Buffer;
  bytes: number;
  lineCount: number;
  index: NewLogIndex;
  faults: KernelFault[];
};

/** The same for the same bytes, in whatever pieces they come. `keep` is given what is to be stored, a frame at a time. */
export function packLog(pieces: Iterable<Uint8Array>, keep: (body: Buffer) => void): PackedLog {
  const frames: Frame[] = [];
  const lines = createLineIndex();
  const hash = createHash('sha256');
  let bytes = 0;
  let offset = 0;
  let frameLine = 0;
  /** One for all of them, as large as it has to be; so much of it is filled. */
  let frame = Buffer.alloc(0);
  let size = 0;
  /** Up to here the frame's lines are known. */
  let known = 0;

  const cut = (end: number) => {
    if (end === 0) return;
    const body = zstdCompressSync(frame.subarray(0, end));
    frames.push({ firstLine: frameLine, offset, length: body.length });
    keep(body);
    offset += body.length;
    frameLine = lines.count();
    frame.copyWithin(0, end, size);
    size -= end;
    known = 0;
  };
  const take = (piece: Buffer) => {
    if (size + piece.length > frame.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (size + piece.length));
      frame.copy(larger, 0, 0, size);
      frame = larger;
    }
    let from = size;
    size += piece.copy(frame, size);
    for (;;) {
      const newline = frame.indexOf(NEWLINE, from);
      if (newline < 0 || newline >= size) return;
      lines.add(frame, known, newline + 1);
      known = newline + 1;
      if (known >= FRAME_BYTES) cut(known);
      from = known;
    }
  };

  for (const piece of pieces) {
    hash.update(piece);
    bytes += piece.length;
    const raw = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let at = 0; at < raw.length; at += FRAME_BYTES) take(raw.subarray(at, at + FRAME_BYTES));
  }
  if (known < size) lines.add(frame, known, size);
  cut(size);
  return {
    hash: hash.digest(),
    bytes,
    lineCount: lines.count(),
    index: { frames, levels: lines.levels(), errorLines: lines.errorLines },
    faults: lines.faults(),
  };
}

function createLineIndex() {
  /** The level of each line as the place of its word: a log of 100 MB has a million lines. */
  let places = new Uint32Array(256);
  let count = 0;
  const words = new Map<string, number>();
  const errorLines: number[] = [];
  const reader = createLineReader();
  const placeOf = (level: string) => {
    const place = words.get(level) ?? words.size;
    words.set(level, place);
    return place;
  };
  return {
    errorLines,
    faults: reader.faults,
    count: () => count,
    levels() {
      const texts = [...words.keys()];
      return {
        length: count,
        *[Symbol.iterator]() {
          for (let i = 0; i < count; i++) yield texts[places[i] ?? 0] ?? '';
        },
      };
    },
    add(bytes: Buffer, start: number, end: number) {
      const { line, level } = reader.take(bytes, start, end);
      if (errorLines.length < MAX_ERROR_LINES && (ERRORS.has(level) || (BOARD.has(level) && CRASH.test(line))))
        errorLines.push(count);
      if (count === places.length) {
        const more = new Uint32Array(2 * count);
        more.set(places);
        places = more;
      }
      places[count++] = placeOf(level);
    },
  };
}
