/** Counts by rising id as varints `gap << 1 | more`, and behind those of more than one the number itself. */
import { createReader, createWriter } from './varint.ts';

/** `counts` by rising id, each at least one: the same counts are always the same bytes. */
export function packCounts(counts: readonly (readonly [id: number, count: number])[]): Buffer {
  const writer = createWriter(counts.length * 3);
  let last = 0;
  for (const [id, count] of counts) {
    writer.uint((id - last) * 2 + (count > 1 ? 1 : 0));
    if (count > 1) writer.uint(count);
    last = id;
  }
  return Buffer.from(writer.finish());
}

export function unpackCounts(bytes: Uint8Array): Map<number, number> {
  const counts = new Map<number, number>();
  const reader = createReader(bytes);
  let id = 0;
  while (!reader.done) {
    const word = reader.uint();
    id += Math.floor(word / 2);
    counts.set(id, word % 2 === 1 ? reader.uint() : 1);
  }
  return counts;
}

/** Counts of many rows by id: `seen` has the first `size` ids in it, and room for all of them. */
export type CountSums = { sums: Int32Array; seen: Int32Array; size: number };

/** With room for ids below `room`. */
export function createCountSums(room: number): CountSums {
  return { sums: new Int32Array(room), seen: new Int32Array(room), size: 0 };
}

/** Adds a row. A month of a large lab has half a million entries: this loop calls nothing. */
export function addCounts(bytes: Uint8Array, into: CountSums): void {
  const { sums, seen } = into;
  let size = into.size;
  let id = 0;
  for (let at = 0; at < bytes.length; ) {
    let byte = bytes[at++] ?? 0;
    let word = byte & 127;
    for (let shift = 7; byte >= 128; shift += 7) {
      byte = bytes[at++] ?? 0;
      word |= (byte & 127) << shift;
    }
    id += word >>> 1;
    let count = 1;
    if (word & 1) {
      byte = bytes[at++] ?? 0;
      count = byte & 127;
      for (let shift = 7; byte >= 128; shift += 7) {
        byte = bytes[at++] ?? 0;
        count |= (byte & 127) << shift;
      }
    }
    const sum = sums[id] ?? 0;
    if (sum === 0) seen[size++] = id;
    sums[id] = sum + count;
  }
  into.size = size;
}
