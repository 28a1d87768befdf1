/**
 * The ordered cases of a shape as bytes. Most are the zigzag differences of their ids (codec.ts). A shape that keeps
 * names of its own begins with the byte 0, which no first difference is: then come the lengths of alternating runs of
 * cases with and without an id, the differences of the ids, and the compressed names.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type CaseName, caseKey, packCases, unpackCases } from './codec.ts';
import { fromStored, toStored } from './text.ts';
import { createReader, createWriter } from './varint.ts';

export type ShapeCases = {
  /** Id of the case at each position; 0 where the shape alone keeps its name. */
  ids: Int32Array;
  /** Names at the positions without an id, in order; read when called. */
  looseNames(): CaseName[];
};

const WITH_NAMES = 0;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 12 } };

/** What caseKey has written. */
function fromKey(key: string): CaseName {
  if (key.startsWith('\u0001')) return { set: null, name: key.slice(1) };
  const colon = key.indexOf(':');
  const end = colon + 1 + Number(key.slice(1, colon));
  return { set: key.slice(colon + 1, end), name: key.slice(end) };
}

/** `loose` are the names at the positions whose id is 0, in order. */
export function packShape(ids: Int32Array, loose: readonly CaseName[]): Buffer {
  if (loose.length === 0) return packCases(ids);
  const writer = createWriter(ids.length + 64);
  writer.byte(WITH_NAMES);
  for (let i = 0, known = true; i < ids.length; known = !known) {
    const start = i;
    while (i < ids.length && (ids[i] !== 0) === known) i += 1;
    writer.uint(i - start);
  }
  const head = Buffer.from(writer.finish());
  const known = packCases(ids.filter((id) => id !== 0));
  const names = zstdCompressSync(loose.map((name) => toStored(caseKey(name))).join('\0'), LEVEL);
  return Buffer.concat([head, known, names]);
}

export function unpackShape(bytes: Uint8Array, size: number): ShapeCases {
  if (size === 0 || bytes[0] !== WITH_NAMES) return { ids: unpackCases(bytes, size), looseNames: () => [] };
  const reader = createReader(bytes);
  reader.byte();
  const ids = new Int32Array(size);
  for (let i = 0, known = true; i < size; known = !known) {
    const end = i + reader.uint();
    if (known) ids.fill(1, i, end);
    i = end;
  }
  let last = 0;
  for (let i = 0; i < size; i++) {
    if (ids[i] === 0) continue;
    last += reader.int();
    ids[i] = last;
  }
  const names = reader.rest();
  return {
    ids,
    looseNames: () =>
      zstdDecompressSync(names)
        .toString()
        .split('\0')
        .map((text) => fromKey(fromStored(text))),
  };
}
