/** 0.0413 as "0.041", 0.0000015 as "1.5e-6": two digits that count. */
export function probability(p: number): string {
  if (p === 0) return 'under 1e-300';
  if (p >= 0.001) return String(Number(p.toPrecision(2)));
  return p.toExponential(1).replace('.0e', 'e');
}
