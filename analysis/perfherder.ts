/** Where a measurement changed its level, by the t of Mozilla's Perfherder. */
export type Measured = { mean: number; variance: number; n: number };

export type LevelChange = { at: number; t: number; before: number; after: number };

export type PerfherderOptions = {
  minBack: number;
  maxBack: number;
  fore: number;
  t: number;
  /** Relative to the level before: 0.02 is two percent. */
  magnitude: number;
};

export const PERFHERDER_OPTIONS: PerfherderOptions = { minBack: 12, maxBack: 24, fore: 12, t: 7, magnitude: 0.02 };

/** |t| of two windows, each from the value next to the border outwards: the nearer a value, the more it weighs. */
export function weightedT(back: readonly number[], fore: readonly number[]): number {
  if (back.length === 0 || fore.length === 0) return 0;
  const [one, other] = [measure(back), measure(fore)];
  const difference = Math.abs(one.mean - other.mean);
  const spread = Math.sqrt(one.variance / one.n + other.variance / other.n);
  return difference === 0 ? 0 : difference / spread;
}

/** Values in order of time, in one unit. `at` is the first value of the new level; which way is worse is the caller's to say. */
export function perfherderChanges(values: readonly number[], given: Partial<PerfherderOptions> = {}): LevelChange[] {
  const options = { ...PERFHERDER_OPTIONS, ...given };
  const windows = values.map((_, i) => ({
    back: values.slice(Math.max(0, i - options.maxBack), i).reverse(),
    fore: values.slice(i, i + options.fore),
  }));
  const ts = windows.map(({ back, fore }) => weightedT(back, fore));
  return windows.flatMap(({ back, fore }, at) => {
    const t = ts[at] ?? 0;
    if (back.length < options.minBack || fore.length < options.fore || t <= options.t) return [];
    // Of equal neighbours the first is the place.
    if ((ts[at - 1] ?? 0) >= t || (ts[at + 1] ?? 0) > t) return [];
    const [before, after] = [measure(back).mean, measure(fore).mean];
    return Math.abs(after - before) >= options.magnitude * Math.abs(before) ? [{ at, t, before, after }] : [];
  });
}

/** Linear weights (n - i) / n; the variance is that around the weighted mean. */
function measure(values: readonly number[]): Measured {
  const n = values.length;
  const mean = values.reduce((sum, value, i) => sum + value * (n - i), 0) / ((n * (n + 1)) / 2);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: n > 1 ? squares / (n - 1) : 0, n };
}
