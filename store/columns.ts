/** Columns of a job's cases as bytes. A column that says nothing costs one byte. */
import type { Reader, Writer } from './varint.ts';

type Cell = number | null;

const ALL_NULL = 0;
const NO_NULL = 1;
const SOME_NULL = 2;

/** Integers that grow slowly (ids, lines, instants) as zigzag differences; nulls keep a bitmap. */
export function writeInts(writer: Writer, cells: readonly Cell[]): void {
  let nulls = 0;
  for (const cell of cells) if (cell === null) nulls += 1;
  if (nulls === cells.length) {
    writer.byte(ALL_NULL);
    return;
  }
  writer.byte(nulls === 0 ? NO_NULL : SOME_NULL);
  if (nulls > 0) writeBits(writer, cells, (cell) => cell !== null);
  writer.differences(cells);
}

export function readInts(reader: Reader, size: number): Cell[] {
  const kind = reader.byte();
  if (kind === ALL_NULL) return new Array<Cell>(size).fill(null);
  const present = kind === SOME_NULL ? readBits(reader, size) : null;
  const cells = new Array<Cell>(size);
  let last = 0;
  for (let i = 0; i < size; i++) {
    if (present && !present[i]) cells[i] = null;
    else {
      last += reader.int();
      cells[i] = last;
    }
  }
  return cells;
}

/** Texts by a dictionary in order of first use; 0 is null. Runs of the same word cost two varints. */
export function writeTexts(writer: Writer, cells: readonly (string | null)[]): void {
  const words = new Map<string, number>();
  const runs: number[] = [];
  let current = -1;
  let length = 0;
  for (const cell of cells) {
    let word = 0;
    if (cell !== null) {
      word = words.get(cell) ?? words.size + 1;
      words.set(cell, word);
    }
    if (word === current) length += 1;
    else {
      if (length > 0) runs.push(current, length);
      current = word;
      length = 1;
    }
  }
  if (length > 0) runs.push(current, length);
  writer.uint(words.size);
  for (const word of words.keys()) writer.text(word);
  for (const value of runs) writer.uint(value);
}

export function readTexts(reader: Reader, size: number): (string | null)[] {
  const words: (string | null)[] = [null];
  for (let n = reader.uint(); n > 0; n--) words.push(reader.text());
  const cells: (string | null)[] = [];
  while (cells.length < size) {
    const word = words[reader.uint()] ?? null;
    for (let n = reader.uint(); n > 0; n--) cells.push(word);
  }
  return cells;
}

export function writeBits<T>(writer: Writer, cells: readonly T[], test: (cell: T) => boolean): void {
  for (let i = 0; i < cells.length; i += 8) {
    let byte = 0;
    for (let bit = 0; bit < 8 && i + bit < cells.length; bit++) if (test(cells[i + bit] as T)) byte |= 1 << bit;
    writer.byte(byte);
  }
}

export function readBits(reader: Reader, size: number): boolean[] {
  const bits: boolean[] = [];
  for (let i = 0; i < size; i += 8) {
    const byte = reader.byte();
    for (let bit = 0; bit < 8 && i + bit < size; bit++) bits.push((byte & (1 << bit)) !== 0);
  }
  return bits;
}
