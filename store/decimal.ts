/**
 * Decimals kept to the letter. "1.5000000000" is (15, one decimal used, ten written); what does not come back
 * exactly this way ("0E-10", thirty digits) is kept as its text.
 */
import { type Column, partOf, readInts, readTexts, writeInts, writeTexts } from './columns.ts';
import type { Part, Reader, Writer } from './varint.ts';

const PLAIN = /^(-?)(\d{1,15})(?:\.(\d{1,30}))?$/;

type Parts = { mantissa: number; used: number; written: number };

function parse(text: string): Parts | null {
  const match = PLAIN.exec(text);
  if (!match) return null;
  const fraction = match[3] ?? '';
  const used = fraction.replace(/0+$/, '');
  const mantissa = Number(`${match[1]}${match[2]}${used}`);
  const parts = { mantissa, used: used.length, written: fraction.length };
  return Math.abs(mantissa) < 2 ** 51 && render(parts) === text ? parts : null;
}

function render({ mantissa, used, written }: Parts): string {
  const digits = String(Math.abs(mantissa)).padStart(used + 1, '0');
  const whole = digits.slice(0, digits.length - used);
  const fraction = digits.slice(digits.length - used).padEnd(written, '0');
  return `${mantissa < 0 ? '-' : ''}${whole}${written > 0 ? `.${fraction}` : ''}`;
}

export function writeDecimals(writer: Writer, cells: readonly (string | null)[]): void {
  const mantissa = new Array<number | null>(cells.length).fill(null);
  const used: number[] = [];
  const written: number[] = [];
  const texts = new Array<string | null>(cells.length).fill(null);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (cell == null) continue;
    const parts = parse(cell);
    if (!parts) {
      texts[i] = cell;
      continue;
    }
    mantissa[i] = parts.mantissa;
    used.push(parts.used);
    written.push(parts.written);
  }
  writeInts(writer, mantissa, false);
  writeInts(writer, used, false);
  writeInts(writer, written);
  writeTexts(writer, texts);
}

export function readDecimals(reader: Reader, part: Part): Column<string> {
  const mantissa = readInts(reader, part, false);
  const used = readInts(reader, partOf(mantissa), false);
  const written = readInts(reader, partOf(mantissa));
  const texts = readTexts(reader, part);
  let next = 0;
  for (const [i, m] of mantissa.cells.entries()) {
    if (m === null) continue;
    texts.cells[i] = render({ mantissa: m, used: used.cells[next] ?? 0, written: written.cells[next] ?? 0 });
    next += 1;
  }
  return {
    cells: texts.cells,
    before: mantissa.before + texts.before,
    inside: mantissa.inside + texts.inside,
    total: mantissa.total + texts.total,
  };
}

/** As the first version wrote them: a cell for each decimal in every column. */
export function readFirstDecimals(reader: Reader, part: Part): (string | null)[] {
  const mantissa = readInts(reader, part).cells;
  const used = readInts(reader, part).cells;
  const written = readInts(reader, part).cells;
  return readTexts(reader, part).cells.map((text, i) => {
    const [m, u, w] = [mantissa[i], used[i], written[i]];
    return m == null || u == null || w == null ? text : render({ mantissa: m, used: u, written: w });
  });
}
