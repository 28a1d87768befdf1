/** Do the values of two builds differ in place? H. B. Mann, D. R. Whitney (1947); N. Cliff, Dominance statistics (1993). */
import { normalTail } from './normal-tail.ts';

export type MannWhitney = {
  /** Pairs in which the value of the first is the larger; equal ones count half. */
  u: number;
  /** Two-sided, by the normal approximation with corrections for ties and continuity; null under five values a side. */
  p: number | null;
  /** Cliff's delta: how much likelier the second is the larger than the smaller, -1 to 1; null where a side is empty. */
  delta: number | null;
};

const FEWEST = 5;

export function mannWhitney(first: readonly number[], second: readonly number[]): MannWhitney {
  const [n, m] = [first.length, second.length];
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ];
  let [before, ranks, ties] = [0, 0, 0];
  for (const [, equals] of [...Map.groupBy(all, ({ value }) => value)].sort(([a], [b]) => a - b)) {
    const size = equals.length;
    ranks += equals.filter(({ isFirst }) => isFirst).length * (before + (size + 1) / 2);
    ties += size ** 3 - size;
    before += size;
  }
  const u = ranks - (n * (n + 1)) / 2;
  if (n === 0 || m === 0) return { u: 0, p: null, delta: null };
  const delta = 1 - (2 * u) / (n * m);
  if (n < FEWEST || m < FEWEST) return { u, p: null, delta };
  const size = n + m;
  const variance = ((n * m) / 12) * (size + 1 - ties / (size * (size - 1)));
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return { u, p: variance === 0 ? 1 : Math.min(1, 2 * normalTail(distance / Math.sqrt(variance))), delta };
}
