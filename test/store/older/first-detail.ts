/** The block of details as the first version wrote it: stores of that time are read as they are. */
import type { SuiteRecord } from '#schema/records.ts';
import { writeTexts } from '#store/columns.ts';
import { toTemplate } from '#store/template.ts';
import { toStored } from '#store/text.ts';
import { createWriter, type Writer } from '#store/varint.ts';

type Cell = number | null;

function writeFirstInts(writer: Writer, cells: readonly Cell[]): void {
  const present = cells.map((cell) => cell !== null);
  if (!present.includes(true)) {
    writer.byte(0);
    return;
  }
  writer.byte(present.includes(false) ? 2 : 1);
  if (present.includes(false)) {
    for (let i = 0; i < cells.length; i += 8)
      writer.byte(present.slice(i, i + 8).reduce((byte, is, bit) => (is ? byte | (1 << bit) : byte), 0));
  }
  let last = 0;
  for (const cell of cells) {
    if (cell === null) continue;
    writer.int(cell - last);
    last = cell;
  }
}

const DECIMAL = /^(-?)(\d{1,12})(?:\.(\d{1,30}))?$/;

function partsOf(text: string | null): { mantissa: number; used: number; written: number } | null {
  const match = text === null ? null : DECIMAL.exec(text);
  if (!match || /^0\d|^-0/.test(text ?? '')) return null;
  const fraction = match[3] ?? '';
  const used = fraction.replace(/0+$/, '');
  const mantissa = Number(`${match[1]}${match[2]}${used}`);
  return Math.abs(mantissa) < 2 ** 51 ? { mantissa, used: used.length, written: fraction.length } : null;
}

/** All cases of a job; codec 0 as it is, codec 1 compressed. */
export function packFirstDetail(suites: readonly SuiteRecord[]): Buffer {
  const cases = suites.flatMap((suite) => Array.from(suite.cases, (c) => ({ ...c, suite: suite.name })));
  const parts = cases.map((c) => partsOf(c.measurement));
  const writer = createWriter();
  writer.uint(cases.length);
  for (const column of [
    cases.map((c) => c.externalId),
    cases.map((c) => c.startLogLine),
    cases.map((c) => (c.endLogLine === null ? null : c.endLogLine - (c.startLogLine ?? 0))),
    cases.map((c) => c.loggedAt),
    parts.map((p) => p?.mantissa ?? null),
    parts.map((p) => p?.used ?? null),
    parts.map((p) => p?.written ?? null),
  ])
    writeFirstInts(writer, column);
  writeTexts(
    writer,
    cases.map((c, i) => (parts[i] ? null : c.measurement)),
  );
  writeTexts(
    writer,
    cases.map((c) => (c.unit === null ? null : toStored(c.unit))),
  );
  writeFirstInts(
    writer,
    cases.map((c) => c.setExternalId),
  );
  writeTexts(
    writer,
    cases.map((c) =>
      c.metadata === null ? null : toStored(toTemplate(c.metadata, { ...c, result: c.result.toLowerCase() })),
    ),
  );
  return writer.finish();
}
