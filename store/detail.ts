/**
 * All cases of a job as one compressed block of columns: what a master said of a case beyond its name and verdict.
 * What went in comes out, field for field.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SuiteRecord, TestResult } from '#schema/records.ts';
import { readInts, readTexts, writeInts, writeTexts } from './columns.ts';
import { readDecimals, writeDecimals } from './decimal.ts';
import { fromTemplate, toTemplate } from './template.ts';
import { fromStored, toStored } from './text.ts';
import { createReader, createWriter } from './varint.ts';

export const DETAIL_RAW = 0;
export const DETAIL_ZSTD = 1;

/** One array a column, over all cases of the job in order. */
export type Detail = {
  externalId: number[];
  startLogLine: (number | null)[];
  endLogLine: (number | null)[];
  loggedAt: (number | null)[];
  measurement: (string | null)[];
  unit: (string | null)[];
  setExternalId: (number | null)[];
  /** See template.ts; metadataOf gives the text. */
  template: (string | null)[];
};

const WORDS = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

/** The block before compression: equal bytes mean equal cases. */
export function packDetail(suites: readonly SuiteRecord[]): Buffer {
  const cases = suites.flatMap((suite) => suite.cases);
  const metadata = suites.flatMap((suite) =>
    suite.cases.map((c) =>
      c.metadata === null
        ? null
        : toStored(toTemplate(c.metadata, { ...c, suite: suite.name, result: WORDS[c.result] })),
    ),
  );
  const writer = createWriter(cases.length * 8 + 64);
  writer.uint(cases.length);
  writeInts(
    writer,
    cases.map((c) => c.externalId),
  );
  writeInts(
    writer,
    cases.map((c) => c.startLogLine),
  );
  writeInts(
    writer,
    cases.map((c) => length(c.startLogLine, c.endLogLine)),
  );
  writeInts(
    writer,
    cases.map((c) => c.loggedAt),
  );
  writeDecimals(
    writer,
    cases.map((c) => c.measurement),
  );
  writeTexts(
    writer,
    cases.map((c) => (c.unit === null ? null : toStored(c.unit))),
  );
  writeInts(
    writer,
    cases.map((c) => c.setExternalId),
  );
  writeTexts(writer, metadata);
  return writer.finish();
}

/** The end is kept relative to the start: most cases span the same few lines. */
function length(start: number | null, end: number | null): number | null {
  return end === null ? null : end - (start ?? 0);
}

export function compressDetail(block: Buffer): { codec: number; body: Buffer } {
  const packed = block.length > 48 ? zstdCompressSync(block) : block;
  return packed.length < block.length
    ? { codec: DETAIL_ZSTD, body: packed }
    : { codec: DETAIL_RAW, body: Buffer.from(block) };
}

/**
 * Columns of all cases of a job.
 * @throws RangeError when the block is cut or of an unknown version.
 */
export function unpackDetail(codec: number, body: Uint8Array): Detail {
  if (codec !== DETAIL_RAW && codec !== DETAIL_ZSTD) throw new RangeError(`unknown detail codec ${codec}`);
  const reader = createReader(codec === DETAIL_ZSTD ? zstdDecompressSync(body) : body);
  const size = reader.uint();
  const externalId = readInts(reader, size).map((id) => id ?? 0);
  const startLogLine = readInts(reader, size);
  const endLogLine = readInts(reader, size).map((n, i) => (n === null ? null : n + (startLogLine[i] ?? 0)));
  const loggedAt = readInts(reader, size);
  const measurement = readDecimals(reader, size);
  const unit = readTexts(reader, size).map((text) => (text === null ? null : fromStored(text)));
  const setExternalId = readInts(reader, size);
  const template = readTexts(reader, size);
  return { externalId, startLogLine, endLogLine, loggedAt, measurement, unit, setExternalId, template };
}

type KnownCase = { name: string; suite: string; result: TestResult; set: string | null };

/** The metadata text of case `i`, which needs the names and verdicts that the shapes keep. */
export function metadataOf(detail: Detail, i: number, known: KnownCase): string | null {
  const template = detail.template[i];
  if (template == null) return null;
  const { unit, measurement } = detail;
  return fromTemplate(fromStored(template), {
    ...known,
    result: WORDS[known.result],
    unit: unit[i] ?? null,
    measurement: measurement[i] ?? null,
  });
}
