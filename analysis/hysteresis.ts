/** A state that begins above one threshold and ends below a lower one, so that it does not flap. */
export type Thresholds = {
  /** Begins where the rate reaches this, 0 to 1, with so many hits. */
  activation: number;
  minHits: number;
  /** Ends where the rate falls below this. */
  resolution: number;
  /** A window of fewer changes nothing. */
  minRuns: number;
};

/** Windows oldest first; the state after the last. */
export function isActive(
  windows: Iterable<{ hits: number; runs: number }>,
  { activation, minHits, resolution, minRuns }: Thresholds,
): boolean {
  let active = false;
  for (const { hits, runs } of windows) {
    if (runs < minRuns) continue;
    active = active ? hits / runs >= resolution : hits >= minHits && hits / runs >= activation;
  }
  return active;
}

/** For each mark the window that ends with it, `size` long at most. */
export function* trailingWindows(marks: readonly boolean[], size: number): Generator<{ hits: number; runs: number }> {
  let hits = 0;
  for (const [i, mark] of marks.entries()) {
    if (mark) hits += 1;
    if (i >= size && marks[i - size]) hits -= 1;
    yield { hits, runs: Math.min(size, i + 1) };
  }
}
