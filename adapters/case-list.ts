/** Cases as they come; of a large job most are held packed: half a million objects take 150 MB, packed 2 to 4. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { CaseList, CaseRecord } from '#schema/records.ts';

/** In one line of JSON: nearly always less than 100 kB, from where on V8 puts what it parses into its old space. */
const BATCH = 384;
/** Fewer gain nothing. */
const LEAST = 32;

export class GrowingCases {
  readonly #packed: Buffer[] = [];
  #open: CaseRecord[] = [];
  #length = 0;

  add(record: CaseRecord): void {
    this.#open.push(record);
    this.#length += 1;
  }

  /** What came so far is held packed from now on. */
  pack(): void {
    if (this.#open.length < LEAST) return;
    const lines: string[] = [];
    for (let at = 0; at < this.#open.length; at += BATCH)
      lines.push(JSON.stringify(this.#open.slice(at, at + BATCH).map(toRow)));
    this.#packed.push(zstdCompressSync(lines.join('\n')));
    this.#open = [];
  }

  /** An array where nothing is packed. */
  list(): CaseList {
    const [packed, open] = [this.#packed, this.#open];
    if (packed.length === 0) return open;
    return {
      length: this.#length,
      *[Symbol.iterator]() {
        for (const lines of packed)
          for (const line of zstdDecompressSync(lines).toString().split('\n')) yield* parse(line).map(toCase);
        yield* open;
      },
    };
  }
}

/** Without the names of its fields, which every case has. */
const toRow = (c: CaseRecord) =>
  [
    c.externalId,
    c.name,
    c.set,
    c.setExternalId,
    c.result,
    c.measurement,
    c.unit,
    c.startLogLine,
    c.endLogLine,
    c.loggedAt,
    c.metadata,
  ] as const;

function toCase([
  externalId,
  name,
  set,
  setExternalId,
  result,
  measurement,
  unit,
  startLogLine,
  endLogLine,
  loggedAt,
  metadata,
]: ReturnType<typeof toRow>): CaseRecord {
  const lines = { startLogLine, endLogLine, loggedAt };
  return { externalId, name, set, setExternalId, result, measurement, unit, ...lines, metadata };
}

function parse(line: string): ReturnType<typeof toRow>[] {
  return JSON.parse(line);
}
