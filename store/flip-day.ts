/**
 * How often verdicts changed: a row an environment and day, which lists the cases by rising id as varints
 * `gap << 1 | more`, and behind those with more than one flip their number.
 */
import type { Change } from './changes.ts';
import type { Sql } from './store.ts';
import { createReader, createWriter } from './varint.ts';

/** Flips by case. */
export type Flips = Map<number, number>;

export function packFlips(flips: ReadonlyMap<number, number>): Buffer {
  const writer = createWriter(flips.size * 3);
  let last = 0;
  for (const [caseId, count] of [...flips].sort(([a], [b]) => a - b)) {
    writer.uint((caseId - last) * 2 + (count > 1 ? 1 : 0));
    if (count > 1) writer.uint(count);
    last = caseId;
  }
  return Buffer.from(writer.finish());
}

/** Calls back for each case, by rising id. */
export function eachFlip(bytes: Uint8Array, visit: (caseId: number, flips: number) => void): void {
  const reader = createReader(bytes);
  let caseId = 0;
  while (!reader.done) {
    const word = reader.uint();
    caseId += Math.floor(word / 2);
    visit(caseId, word % 2 === 1 ? reader.uint() : 1);
  }
}

/** Flips of many days by case: `seen` has the first `size` ids in it, and room for all of them. */
export type FlipSums = { sums: Int32Array; seen: Int32Array; size: number };

/** Adds a day. A month of a large lab has half a million entries: this loop calls nothing. */
export function addFlips(bytes: Uint8Array, into: FlipSums): void {
  const { sums, seen } = into;
  let size = into.size;
  let caseId = 0;
  for (let at = 0; at < bytes.length; ) {
    let byte = bytes[at++] ?? 0;
    let word = byte & 127;
    for (let shift = 7; byte >= 128; shift += 7) {
      byte = bytes[at++] ?? 0;
      word |= (byte & 127) << shift;
    }
    caseId += word >>> 1;
    let flips = 1;
    if (word & 1) {
      byte = bytes[at++] ?? 0;
      flips = byte & 127;
      for (let shift = 7; byte >= 128; shift += 7) {
        byte = bytes[at++] ?? 0;
        flips |= (byte & 127) << shift;
      }
    }
    const sum = sums[caseId] ?? 0;
    if (sum === 0) seen[size++] = caseId;
    sums[caseId] = sum + flips;
  }
  into.size = size;
}

export function unpackFlips(bytes: Uint8Array): Flips {
  const flips: Flips = new Map();
  eachFlip(bytes, (caseId, count) => flips.set(caseId, count));
  return flips;
}

/** Day (UTC, since the epoch) of a second. */
export function dayOf(second: number): number {
  return Math.floor(second / 86_400);
}

/** Call inside a transaction, when a run of the day no longer has the one changes and has the others. */
export async function moveFlips(
  sql: Sql,
  envId: number,
  day: number,
  gone: readonly Change[],
  come: readonly Change[],
): Promise<void> {
  if (gone.length + come.length === 0) return;
  const row = await sql.get<{ flips: Buffer }>('SELECT flips FROM flip_day WHERE env_id = ? AND day = ?', envId, day);
  const flips = row ? unpackFlips(row.flips) : new Map<number, number>();
  for (const { caseId } of gone) flips.set(caseId, (flips.get(caseId) ?? 0) - 1);
  for (const { caseId } of come) flips.set(caseId, (flips.get(caseId) ?? 0) + 1);
  for (const [caseId, count] of flips) if (count <= 0) flips.delete(caseId);
  await saveFlips(sql, envId, day, flips);
}

/** A day without flips has no row. */
export async function saveFlips(
  sql: Sql,
  envId: number,
  day: number,
  flips: ReadonlyMap<number, number>,
): Promise<void> {
  if (flips.size === 0) await sql.run('DELETE FROM flip_day WHERE env_id = ? AND day = ?', envId, day);
  else {
    await sql.run(
      `INSERT INTO flip_day (env_id, day, flips) VALUES (?, ?, ?)
       ON CONFLICT (env_id, day) DO UPDATE SET flips = excluded.flips`,
      envId,
      day,
      packFlips(flips),
    );
  }
}
