/** Where the lines of a log are: frames of the stored file, the level of each line, the lines that speak of errors. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { readInts, readTexts, whole, writeInts, writeTexts } from './columns.ts';
import { createReader, createWriter } from './varint.ts';

export type Frame = {
  /** Number of its first line. */
  firstLine: number;
  /** Where it begins in the stored file, and its length there. */
  offset: number;
  length: number;
};

export type LogIndex = { frames: Frame[]; levels: string[]; errorLines: number[] };

/** As it is made, its levels one after the other. */
export type NewLogIndex = Omit<LogIndex, 'levels'> & { levels: Iterable<string> & { readonly length: number } };

export function packLogIndex({ frames, levels, errorLines }: NewLogIndex): Buffer {
  const writer = createWriter(1024);
  writer.uint(frames.length);
  writeInts(
    writer,
    frames.map((f) => f.firstLine),
  );
  writeInts(
    writer,
    frames.map((f) => f.offset),
  );
  writeInts(
    writer,
    frames.map((f) => f.length),
  );
  writer.uint(levels.length);
  writeTexts(writer, levels);
  writer.uint(errorLines.length);
  writeInts(writer, errorLines);
  return zstdCompressSync(writer.finish());
}

export function unpackLogIndex(bytes: Uint8Array): LogIndex {
  const reader = createReader(zstdDecompressSync(bytes));
  const count = reader.uint();
  const first = readInts(reader, whole(count)).cells;
  const offset = readInts(reader, whole(count)).cells;
  const length = readInts(reader, whole(count)).cells;
  const levels = readTexts(reader, whole(reader.uint())).cells.map((level) => level ?? '');
  const errorLines = readInts(reader, whole(reader.uint())).cells.map((n) => n ?? 0);
  const frames = first.map((firstLine, i) => ({
    firstLine: firstLine ?? 0,
    offset: offset[i] ?? 0,
    length: length[i] ?? 0,
  }));
  return { frames, levels, errorLines };
}
