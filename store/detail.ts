/**
 * All cases of a job as one compressed block of columns: what a master said of a case beyond its name and verdict.
 * What went in comes out, field for field.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { CaseRecord, SuiteRecord, TestResult } from '#schema/records.ts';
import { type Column, partOf, readInts, readTexts, whole, writeInts, writeTexts } from './columns.ts';
import { readDecimals, readFirstDecimals, writeDecimals } from './decimal.ts';
import { fromTemplate, toTemplate } from './template.ts';
import { fromStored, toStored } from './text.ts';
import { createReader, createWriter, type Part, type Reader } from './varint.ts';

const FIRST_RAW = 0;
const FIRST_ZSTD = 1;
const DETAIL_RAW = 2;
const DETAIL_ZSTD = 3;
const CODECS: readonly number[] = [FIRST_RAW, FIRST_ZSTD, DETAIL_RAW, DETAIL_ZSTD];

/** One array a column, over cases of a frame in order. */
export type Detail = {
  externalId: (number | null)[];
  startLogLine: (number | null)[];
  endLogLine: (number | null)[];
  loggedAt: (number | null)[];
  measurement: (string | null)[];
  unit: (string | null)[];
  setExternalId: (number | null)[];
  /** See metadataOf. */
  template: (string | null)[];
};

const WORDS = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

/** Cases in a frame at most; those of one job are all of one size. Why so many: docs/decisions/0002-packed-store.md. */
const FRAME_CASES = 3_072;

/** A part of the cases of a job, readable without the others. */
export type Frame = {
  /** Index of its first case in the job. */
  first: number;
  /** Before compression: equal bytes mean equal cases. */
  block: Buffer;
};

/** Takes the cases of a job in order; then there is at least one frame, which may be empty. */
export function createFrames(suites: readonly SuiteRecord[], limit = FRAME_CASES) {
  const total = suites.reduce((n, suite) => n + suite.cases.length, 0);
  const size = Math.ceil(total / Math.max(1, Math.ceil(total / limit)));
  const frames: Frame[] = [];
  let first = 0;
  let columns = createColumns(Math.min(size, total));
  let i = 0;
  let nextLine = 0;
  return {
    add(suite: string, c: CaseRecord): void {
      if (i === columns.externalId.length) {
        frames.push({ first, block: packColumns(columns) });
        first += i;
        columns = createColumns(Math.min(size, total - first));
        i = 0;
        nextLine = 0;
      }
      const { startLogLine: start, endLogLine: end } = c;
      columns.externalId[i] = c.externalId;
      if (start !== null) columns.gap[i] = start - nextLine;
      if (end !== null) columns.length[i] = end - (start ?? 0);
      if (start !== null) nextLine = (end ?? start) + 1;
      columns.loggedAt[i] = c.loggedAt;
      columns.setExternalId[i] = c.setExternalId;
      columns.measurement[i] = c.measurement;
      columns.unit[i] = c.unit === null ? null : toStored(c.unit);
      if (c.metadata !== null)
        columns.template[i] = toStored(toTemplate(c.metadata, { ...c, suite, result: WORDS[c.result] }));
      i += 1;
    },
    done(): Frame[] {
      frames.push({ first, block: packColumns(columns) });
      return frames;
    },
  };
}

type Ints = (number | null)[];
type Texts = (string | null)[];
type Columns = Record<'externalId' | 'gap' | 'length' | 'loggedAt' | 'setExternalId', Ints> &
  Record<'measurement' | 'unit' | 'template', Texts>;

function createColumns(size: number): Columns {
  const ints = () => new Array<number | null>(size).fill(null);
  const texts = () => new Array<string | null>(size).fill(null);
  return {
    externalId: ints(),
    gap: ints(),
    length: ints(),
    loggedAt: ints(),
    setExternalId: ints(),
    measurement: texts(),
    unit: texts(),
    template: texts(),
  };
}

function packColumns(columns: Columns): Buffer {
  const { externalId, gap, length, loggedAt, measurement, unit, setExternalId, template } = columns;
  const size = externalId.length;
  const writer = createWriter(size * 6 + 64);
  writer.uint(size);
  writeInts(writer, externalId);
  writeInts(writer, gap, false);
  writeInts(writer, length, false);
  writeInts(writer, loggedAt);
  writeDecimals(writer, measurement);
  writeTexts(
    writer,
    unit.filter((_, k) => measurement[k] !== null),
  );
  writeTexts(
    writer,
    unit.filter((_, k) => measurement[k] === null),
  );
  writeInts(writer, setExternalId);
  writeTexts(writer, template);
  return writer.finish();
}

export function compressDetail(block: Buffer): { codec: number; body: Buffer } {
  const packed = block.length > 48 ? zstdCompressSync(block) : block;
  return packed.length < block.length
    ? { codec: DETAIL_ZSTD, body: packed }
    : { codec: DETAIL_RAW, body: Buffer.from(block) };
}

/** The block without what retention deletes first: lines of the log, times, metadata. */
export function withoutDetail(codec: number, body: Uint8Array): { codec: number; body: Buffer } {
  const { externalId, measurement, unit, setExternalId } = unpackDetail(codec, body);
  const none = externalId.map(() => null);
  const stored = unit.map((text) => (text === null ? null : toStored(text)));
  const empty = { gap: none, length: none, loggedAt: none, template: none };
  return compressDetail(packColumns({ externalId, measurement, unit: stored, setExternalId, ...empty }));
}

/**
 * Columns of the cases of a frame, from one up to, and without, another.
 * @throws RangeError when the block is cut or of an unknown version.
 */
export function unpackDetail(codec: number, body: Uint8Array, from = 0, until = Number.POSITIVE_INFINITY): Detail {
  const reader = open(codec, body);
  const size = reader.uint();
  const part = { size, from: Math.min(from, size), until: Math.min(until, size) };
  const externalId = readInts(reader, part).cells;
  return isFirst(codec)
    ? { externalId, ...readFirstColumns(reader, part) }
    : { externalId, ...readColumns(reader, part) };
}

/** The first column alone: the numbers of the cases on the master. */
export function unpackExternalIds(codec: number, body: Uint8Array): (number | null)[] {
  const reader = open(codec, body);
  return readInts(reader, whole(reader.uint())).cells;
}

function open(codec: number, body: Uint8Array): Reader {
  if (!CODECS.includes(codec)) throw new RangeError(`unknown detail codec ${codec}`);
  const isZstd = codec === DETAIL_ZSTD || codec === FIRST_ZSTD;
  return createReader(isZstd ? zstdDecompressSync(body) : body);
}

function isFirst(codec: number): boolean {
  return codec === FIRST_RAW || codec === FIRST_ZSTD;
}

function readColumns(reader: Reader, part: Part): Omit<Detail, 'externalId'> {
  const lines = readLines(reader, part);
  const loggedAt = readInts(reader, part).cells;
  const measurement = readDecimals(reader, part);
  const unit = readUnits(reader, part, measurement);
  const setExternalId = readInts(reader, part).cells;
  const template = readTexts(reader, part).cells;
  return { ...lines, loggedAt, measurement: measurement.cells, unit, setExternalId, template };
}

/** As the first version wrote them: a start after the start before, decimals and units in columns as long as the others. */
function readFirstColumns(reader: Reader, part: Part): Omit<Detail, 'externalId'> {
  const startLogLine = readInts(reader, part).cells;
  const endLogLine = readInts(reader, part).cells.map((n, i) => (n === null ? null : n + (startLogLine[i] ?? 0)));
  const loggedAt = readInts(reader, part).cells;
  const measurement = readFirstDecimals(reader, part);
  const unit = readTexts(reader, part).cells.map((text) => (text === null ? null : fromStored(text)));
  const setExternalId = readInts(reader, part).cells;
  const template = readTexts(reader, part).cells;
  return { startLogLine, endLogLine, loggedAt, measurement, unit, setExternalId, template };
}

/** Units of cases with a measurement, then of those without: each is nearly always one word. */
function readUnits(reader: Reader, { size, from, until }: Part, measurement: Column<string>): (string | null)[] {
  const { cells, before, inside, total } = measurement;
  const measured = readTexts(reader, partOf(measurement)).cells;
  const others = readTexts(reader, { size: size - total, from: from - before, until: until - before - inside }).cells;
  let [nextMeasured, nextOther] = [0, 0];
  return cells.map((m) => {
    const unit = (m === null ? others[nextOther++] : measured[nextMeasured++]) ?? null;
    return unit === null ? null : fromStored(unit);
  });
}

/** Lines between the end of the case before and the start, then the lines it spans: both are nearly always the same. */
function readLines(reader: Reader, { size, from, until }: Part): Pick<Detail, 'startLogLine' | 'endLogLine'> {
  const starts = readInts(reader, { size, from: 0, until }, false).cells;
  const ends = readInts(reader, { size, from: 0, until }, false).cells;
  let nextLine = 0;
  for (let i = 0; i < until; i++) {
    const gap = starts[i] ?? null;
    const length = ends[i] ?? null;
    const start = gap === null ? null : gap + nextLine;
    const end = length === null ? null : length + (start ?? 0);
    if (start !== null) nextLine = (end ?? start) + 1;
    starts[i] = start;
    ends[i] = end;
  }
  return { startLogLine: starts.slice(from), endLogLine: ends.slice(from) };
}

type Row = {
  name: string;
  suite: string;
  result: TestResult;
  set: string | null;
  units: string | null;
  measurement: string | null;
  /** A cell of the column. */
  template: string | null;
};

/** The metadata text of a case, which needs the names and verdicts that the shapes keep. */
export function metadataOf({ template, result, units: unit, ...known }: Row): string | null {
  return template === null ? null : fromTemplate(fromStored(template), { ...known, unit, result: WORDS[result] });
}
