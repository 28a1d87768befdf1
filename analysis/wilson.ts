/** Quantile of the normal distribution that leaves 2.5 % on each side. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval at 95 % for a rate of `hits` in `n`, both ends within 0 to 1; null when n is 0.
 * E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
 */
export function wilson(hits: number, n: number): [number, number] | null {
  if (n <= 0) return null;
  const rate = hits / n;
  const square = Z * Z;
  const middle = rate + square / (2 * n);
  const half = Z * Math.sqrt((rate * (1 - rate)) / n + square / (4 * n * n));
  const scale = 1 + square / n;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}
