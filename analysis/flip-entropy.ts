/**
 * How unsteady reruns of one version are, and versions together: E. Kowalczyk et al., Modeling and ranking flaky tests at
 * Apple (ICSE-SEIP 2020).
 */
export type Unsteadiness = {
  /** Of pass and fail, in bits: 0 where all are alike, 1 where they are even. */
  entropy: number;
  /** Neighbours that differ among all neighbours, 0 to 1; 0 for fewer than two runs. */
  flipRate: number;
};

/** Runs of one version in order of time: did each pass? */
export function unsteadinessOf(passed: readonly boolean[]): Unsteadiness {
  const rate = passed.filter(Boolean).length / passed.length;
  const flips = passed.filter((pass, i) => i > 0 && pass !== passed[i - 1]).length;
  return { entropy: bits(rate) + bits(1 - rate), flipRate: passed.length < 2 ? 0 : flips / (passed.length - 1) };
}

/** Versions newest first, each weighing `decay` (0 to 1) times the one after it; 0 for none. */
export function decayedMean(values: readonly number[], decay: number): number {
  let [sum, weights] = [0, 0];
  for (const [i, value] of values.entries()) {
    sum += value * decay ** i;
    weights += decay ** i;
  }
  return weights === 0 ? 0 : sum / weights;
}

function bits(share: number): number {
  return share > 0 ? -share * Math.log2(share) : 0;
}
