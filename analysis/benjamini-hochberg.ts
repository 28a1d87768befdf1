/**
 * The q of each p, in the order given: the least share of false discoveries among those called at which it is called too,
 * 0 to 1. Y. Benjamini, Y. Hochberg, Controlling the false discovery rate (1995).
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = p.map((value, i) => ({ value, i })).sort((a, b) => b.value - a.value);
  const q = p.map(() => 1);
  let least = 1;
  for (const [behind, { value, i }] of order.entries()) {
    least = Math.min(least, (value * p.length) / (p.length - behind));
    q[i] = least;
  }
  return q;
}
