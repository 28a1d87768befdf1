/**
 * Bytes <-> values of the packed store. A suite run is a shape (its ordered cases, stored once) and a verdict vector
 * that lists only what did not pass: varints `gap << 2 | result`, gap counted from the entry before.
 */
import { createHash, hash } from 'node:crypto';
import { TestResult } from '#schema/records.ts';
import { createReader, createWriter } from './varint.ts';

/** Index into TestResult: 0 PASS, 1 FAIL, 2 SKIP, 3 UNKNOWN. */
export type Verdict = number;

export const PASS: Verdict = 0;
export const FAIL: Verdict = 1;
export const RESULTS = TestResult.options;
const INDEX = new Map(RESULTS.map((result, i) => [result, i]));

export function verdictOf(result: TestResult): Verdict {
  return INDEX.get(result) ?? 3;
}

export function resultOf(verdict: Verdict): TestResult {
  return RESULTS[verdict] ?? 'UNKNOWN';
}

/** Worst first: FAIL, UNKNOWN, SKIP, PASS. */
const BADNESS = [0, 3, 1, 2];

/** 0 for a pass; more is worse. */
export function badnessOf(verdict: Verdict): number {
  return BADNESS[verdict] ?? 0;
}

export function worseOf(a: Verdict, b: Verdict): Verdict {
  return badnessOf(b) > badnessOf(a) ? b : a;
}

export type Counts = { pass: number; fail: number; skip: number; unknown: number };

export function packVerdicts(verdicts: ArrayLike<Verdict>): { bytes: Buffer; counts: Counts } {
  const writer = createWriter(64);
  const seen = [0, 0, 0, 0];
  let last = -1;
  for (let i = 0; i < verdicts.length; i++) {
    const verdict = verdicts[i] ?? 3;
    seen[verdict] = (seen[verdict] ?? 0) + 1;
    if (verdict === PASS) continue;
    writer.uint((i - last - 1) * 4 + verdict);
    last = i;
  }
  const [pass = 0, fail = 0, skip = 0, unknown = 0] = seen;
  return { bytes: Buffer.from(writer.finish()), counts: { pass, fail, skip, unknown } };
}

/** Calls back for each position that did not pass, in order. */
export function eachNonPass(bytes: Uint8Array, visit: (position: number, verdict: Verdict) => void): void {
  const reader = createReader(bytes);
  let last = -1;
  while (!reader.done) {
    const word = reader.uint();
    last += 1 + Math.floor(word / 4);
    visit(last, word % 4);
  }
}

/** The verdict at one position; what lies behind it is not read. */
export function verdictAt(bytes: Uint8Array, position: number): Verdict {
  let last = -1;
  for (let at = 0; at < bytes.length; ) {
    let word = 0;
    let scale = 1;
    for (let byte = 128; byte >= 128; scale *= 128) {
      byte = bytes[at++] ?? 0;
      word += (byte & 127) * scale;
    }
    last += 1 + Math.floor(word / 4);
    if (last >= position) return last === position ? word % 4 : PASS;
  }
  return PASS;
}

/** The verdicts at some positions, which ascend; what lies behind the last is not read. */
export function verdictsAt(bytes: Uint8Array, positions: readonly number[]): Verdict[] {
  const verdicts: Verdict[] = positions.map(() => PASS);
  let [at, last, i] = [0, -1, 0];
  while (at < bytes.length && i < positions.length) {
    let word = 0;
    let scale = 1;
    for (let byte = 128; byte >= 128; scale *= 128) {
      byte = bytes[at++] ?? 0;
      word += (byte & 127) * scale;
    }
    last += 1 + Math.floor(word / 4);
    for (let position = positions[i]; position !== undefined && position <= last; position = positions[++i])
      if (position === last) verdicts[i] = word % 4;
  }
  return verdicts;
}

export function unpackVerdicts(bytes: Uint8Array, size: number): Uint8Array {
  const verdicts = new Uint8Array(size);
  eachNonPass(bytes, (position, verdict) => {
    if (position >= size) throw new RangeError(`verdict at ${position} of a shape of ${size}`);
    verdicts[position] = verdict;
  });
  return verdicts;
}

/** Case ids in order, as zigzag differences: neighbours in a suite usually have neighbouring ids. */
export function packCases(ids: ArrayLike<number>): Buffer {
  const writer = createWriter(ids.length * 2 + 8);
  let last = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    writer.int(id - last);
    last = id;
  }
  return Buffer.from(writer.finish());
}

export function unpackCases(bytes: Uint8Array, size: number): Int32Array {
  const ids = new Int32Array(size);
  let at = 0;
  let last = 0;
  for (let i = 0; i < size; i++) {
    let byte = bytes[at++] ?? 0;
    if (byte < 128) last += (byte >> 1) ^ -(byte & 1);
    else {
      let value = byte & 127;
      for (let scale = 128; byte >= 128; scale *= 128) {
        byte = bytes[at++] ?? 0;
        value += (byte & 127) * scale;
      }
      last += value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    }
    ids[i] = last;
  }
  if (at > bytes.length) throw new RangeError('packed bytes end too early');
  return ids;
}

export type CaseName = { set: string | null; name: string };

/** One text for the identity of a case inside its suite. */
export function caseKey({ set, name }: CaseName): string {
  return set === null ? `\u0001${name}` : `\u0002${set.length}:${set}${name}`;
}

export function caseHash(name: CaseName): Buffer {
  return digest(caseKey(name));
}

/** So much text is hashed at once. */
const HASHED = 65_536;

/** Identity of an ordered list of cases of a suite. Names come with their length, so no two lists read alike. */
export function createShapeHash(suite: string): { add(name: CaseName): void; done(): Buffer } {
  const all = createDigest();
  let text = `${suite.length}:${suite}\n`;
  return {
    add({ set, name }) {
      text += set === null ? `${name.length}:${name}` : `${name.length}:${name}/${set.length}:${set}`;
      if (text.length < HASHED) return;
      all.add(text);
      text = '';
    },
    done() {
      all.add(text);
      return all.done();
    },
  };
}

export function shapeHash(suite: string, cases: Iterable<CaseName>): Buffer {
  const list = createShapeHash(suite);
  for (const name of cases) list.add(name);
  return list.done();
}

/** `digest` of what is added, one after the other. */
export function createDigest(): { add(data: string | Uint8Array): void; done(): Buffer } {
  const all = createHash('sha256');
  return { add: (data) => void all.update(data), done: () => all.digest().subarray(0, DIGEST_BYTES) };
}

const DIGEST_BYTES = 16;

/** 128 bits of SHA-256: content addresses inside one store. By way of a text: small buffers made of one share their memory. */
export function digest(data: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', data, 'binary').slice(0, DIGEST_BYTES), 'latin1');
}
