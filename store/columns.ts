/** Columns of a job's cases as bytes. A column that says nothing costs one byte. */
import type { Reader, Writer } from './varint.ts';

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

export function readInts(reader: Reader, size: number, relative = true): Cell[] {
  const kind = reader.byte();
  if (kind === ALL_NULL) return new Array<Cell>(size).fill(null);
  const cells = new Array<Cell>(size).fill(0);
  if (kind === BITMAP) {
    const present = readBits(reader, size);
    for (let i = 0; i < size; i++) if (!present[i]) cells[i] = null;
  } else if (kind === SOME_NULL) readRuns(reader, cells);
  reader.ints(cells, relative);
  return cells;
}

/** Texts by a dictionary in order of first use; 0 is null. Runs of the same word cost two varints. */
export function writeTexts(writer: Writer, cells: readonly (string | null)[]): void {
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

/** Lengths of alternating runs: cells that are null, cells that are not. */
function writeRuns(writer: Writer, cells: readonly Cell[]): void {
  for (let i = 0, isNull = true; i < cells.length; isNull = !isNull) {
    const start = i;
    while (i < cells.length && (cells[i] === null) === isNull) i += 1;
    writer.uint(i - start);
  }
}

function readRuns(reader: Reader, cells: Cell[]): void {
  for (let i = 0, isNull = true; i < cells.length; isNull = !isNull) {
    const end = i + reader.uint();
    if (end > cells.length) throw new RangeError('packed bytes hold more cells than there are');
    if (isNull) cells.fill(null, i, end);
    i = end;
  }
}

function readBits(reader: Reader, size: number): boolean[] {
  const bits: boolean[] = [];
  for (let i = 0; i < size; i += 8) {
    const byte = reader.byte();
    for (let bit = 0; bit < 8 && i + bit < size; bit++) bits.push((byte & (1 << bit)) !== 0);
  }
  return bits;
}
