/** A state that begins above one threshold and ends below a lower one, so that it does not flap. */
export type Thresholds = {
  /** Begins where the rate reaches this, 0 to 1. */
  activation: number;
  /** Ends where the rate falls below this. */
  resolution: number;
  /** Fewer runs change nothing. */
  minRuns: number;
};

export const FLAKY_THRESHOLDS: Thresholds = { activation: 0.3, resolution: 0.15, minRuns: 5 };

/** Windows oldest first; the state after the last. */
export function isActive(
  windows: readonly { hits: number; runs: number }[],
  { activation, resolution, minRuns }: Thresholds = FLAKY_THRESHOLDS,
): boolean {
  let active = false;
  for (const { hits, runs } of windows) {
    if (runs < minRuns) continue;
    active = hits / runs >= (active ? resolution : activation);
  }
  return active;
}
