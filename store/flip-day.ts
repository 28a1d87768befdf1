/** How often tests turned to fail: a row an environment and day, which counts by case (see packed-counts.ts). */
import { type Change, isFlip } from './changes.ts';
import { packCounts, unpackCounts } from './packed-counts.ts';
import { readPacked, savePacked } from './packed-row.ts';
import type { Sql } from './store.ts';

export const FLIP_DAY = { name: 'flip_day', at: 'day', value: 'flips' } as const;

/** Flips by case. */
export type Flips = Map<number, number>;

export function packFlips(flips: ReadonlyMap<number, number>): Buffer {
  return packCounts([...flips].sort(([a], [b]) => a - b));
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
  const [lost, won] = [gone.filter(isFlip), come.filter(isFlip)];
  if (lost.length + won.length === 0) return;
  const stored = (await readPacked(sql, FLIP_DAY, day, [envId])).get(envId);
  const flips: Flips = stored ? unpackCounts(stored) : new Map();
  for (const { caseId } of lost) flips.set(caseId, (flips.get(caseId) ?? 0) - 1);
  for (const { caseId } of won) flips.set(caseId, (flips.get(caseId) ?? 0) + 1);
  for (const [caseId, count] of flips) if (count <= 0) flips.delete(caseId);
  await savePacked(sql, FLIP_DAY, day, [[envId, packFlips(flips)]]);
}
