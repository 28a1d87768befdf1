/** Columns of a job's cases as bytes. A column that says nothing costs one byte. */
import type { Part, Reader, Writer } from './varint.ts';

type Cell = number | null;

const ALL_NULL = 0;
const NO_NULL = 1;
/** As the first version wrote it, with a bitmap. */
const BITMAP = 2;
const SOME_NULL = 3;

/** Integers that grow slowly (ids, instants) as zigzag differences, or small ones as they are; where nulls are is kept as runs. */
export function writeInts(writer: Writer, cells: readonly Cell[], relative = true): void {
  let nulls = 0;
  for (let i = 0; i < cells.length; i++) if (cells[i] === null) nulls += 1;
  if (nulls === cells.length) {
    writer.byte(ALL_NULL);
    return;
  }
  writer.byte(nulls === 0 ? NO_NULL : SOME_NULL);
  if (nulls > 0) writeRuns(writer, cells);
  writer.ints(cells, relative);
}

/** The cells of a part of a column, and how many are not null before it, in it and in all. */
export type Column<Value> = { cells: (Value | null)[]; before: number; inside: number; total: number };

/** All of a column. */
export function whole(size: number): Part {
  return { size, from: 0, until: size };
}

/** A part of a column that has cells only where another is not null. */
export function partOf({ before, inside, total }: Column<unknown>): Part {
  return { size: total, from: before, until: before + inside };
}

export function readInts(reader: Reader, part: Part, relative = true): Column<number> {
  const { size, from, until } = part;
  const kind = reader.byte();
  const cells = new Array<Cell>(until - from).fill(null);
  if (kind === ALL_NULL) return { cells, before: 0, inside: 0, total: 0 };
  if (kind === NO_NULL) return { cells: reader.ints(part, relative), before: from, inside: until - from, total: size };
  const present = kind === BITMAP ? readBits(reader, size) : readRuns(reader, size);
  const [before, inside] = [count(present, 0, from), count(present, from, until)];
  const column = { cells, before, inside, total: before + inside + count(present, until, size) };
  const values = reader.ints(partOf(column), relative);
  let next = 0;
  for (let i = 0; i < cells.length; i++) if (present[from + i] === 1) cells[i] = values[next++] ?? null;
  return column;
}

/** Texts by a dictionary in order of first use; 0 is null. Runs of the same word cost two varints. */
export function writeTexts(writer: Writer, cells: Iterable<string | null>): void {
  const words = new Map<string, number>();
  const runs: number[] = [];
  let current = -1;
  let currentText: string | null | undefined;
  let length = 0;
  for (const cell of cells) {
    if (cell === currentText) {
      length += 1;
      continue;
    }
    currentText = cell;
    let word = 0;
    if (cell !== null) {
      word = words.get(cell) ?? words.size + 1;
      words.set(cell, word);
    }
    if (length > 0) runs.push(current, length);
    current = word;
    length = 1;
  }
  if (length > 0) runs.push(current, length);
  writer.uint(words.size);
  for (const word of words.keys()) writer.text(word);
  for (const value of runs) writer.uint(value);
}

export function readTexts(reader: Reader, { size, from, until }: Part): Column<string> {
  const words: (string | null)[] = [null];
  for (let n = reader.uint(); n > 0; n--) words.push(reader.text());
  const cells = new Array<string | null>(until - from).fill(null);
  let [before, inside, total] = [0, 0, 0];
  for (let i = 0; i < size; ) {
    const word = words[reader.uint()] ?? null;
    const end = i + reader.uint();
    if (word !== null) {
      const [low, high] = [Math.max(i, from), Math.min(end, until)];
      if (low < high) cells.fill(word, low - from, high - from);
      total += end - i;
      before += Math.max(0, Math.min(end, from) - i);
      inside += Math.max(0, high - low);
    }
    i = end;
  }
  return { cells, before, inside, total };
}

/** Lengths of alternating runs: cells that are null, cells that are not. */
function writeRuns(writer: Writer, cells: readonly Cell[]): void {
  for (let i = 0, isNull = true; i < cells.length; isNull = !isNull) {
    const start = i;
    while (i < cells.length && (cells[i] === null) === isNull) i += 1;
    writer.uint(i - start);
  }
}

function count(present: Uint8Array, from: number, until: number): number {
  let n = 0;
  for (let i = from; i < until; i++) n += present[i] ?? 0;
  return n;
}

/** 1 where a cell is not null. */
function readRuns(reader: Reader, size: number): Uint8Array {
  const present = new Uint8Array(size);
  for (let i = 0, isNull = true; i < size; isNull = !isNull) {
    const end = i + reader.uint();
    if (end > size) throw new RangeError('packed bytes hold more cells than there are');
    if (!isNull) present.fill(1, i, end);
    i = end;
  }
  return present;
}

function readBits(reader: Reader, size: number): Uint8Array {
  const present = new Uint8Array(size);
  for (let i = 0; i < size; i += 8) {
    const byte = reader.byte();
    for (let bit = 0; bit < 8 && i + bit < size; bit++) present[i + bit] = (byte >> bit) & 1;
  }
  return present;
}
