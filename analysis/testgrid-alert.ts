/** When a row of results alerts, by TestGrid's rule. */
export type GridCell = 'PASS' | 'FAIL' | 'FLAKY' | 'NO_RESULT';

/** Indices into the cells. */
export type RowAlert = {
  firstFail: number;
  latestFail: number;
  /** The newest pass before the outage; null when none was seen, or a flaky run hides which it was. */
  latestPass: number | null;
  /** Failures in a row. */
  failures: number;
};

/** Cells newest first; those still running are NO_RESULT. Null where the row does not alert. */
export function alertOfRow(cells: readonly GridCell[], failuresToOpen = 3, passesToClose = 1): RowAlert | null {
  let [failures, passes] = [0, 0];
  let [firstFail, latestFail]: [number, number | null] = [0, null];
  let latestPass: number | null = null;
  for (const [i, cell] of cells.entries()) {
    if (cell === 'NO_RESULT') continue;
    if (cell === 'FAIL') {
      passes = 0;
      failures += 1;
      firstFail = i;
      latestFail ??= i;
      continue;
    }
    if (failures >= failuresToOpen) {
      if (cell === 'PASS') latestPass = i;
      break;
    }
    passes = cell === 'PASS' ? passes + 1 : 0;
    if (passes >= passesToClose) return null;
    failures = 0;
  }
  if (latestFail === null || failures < failuresToOpen) return null;
  return { firstFail, latestFail, latestPass, failures };
}
