/** TestGrid's flakiness of a row. */
export type FlipCell = 'PASS' | 'FAIL' | 'FLAKY';

/** So many failures in a row are a break, not a flake. */
const BREAK = 3;

/**
 * Percent of the cells (in order of time) at which the row turned from pass to fail, or that were flaky by themselves;
 * failures in a row that are a break are left out. 0 when no cell is left.
 */
export function testgridFlips(cells: readonly FlipCell[]): number {
  const considered = cells.filter((cell, i) => cell !== 'FAIL' || failuresAround(cells, i) < BREAK);
  if (considered.length === 0) return 0;
  const flips = considered.filter((cell, i) => cell === 'FLAKY' || (cell === 'FAIL' && considered[i - 1] === 'PASS'));
  return (100 * flips.length) / considered.length;
}

function failuresAround(cells: readonly FlipCell[], at: number): number {
  let [from, until] = [at, at];
  while (cells[from - 1] === 'FAIL') from--;
  while (cells[until + 1] === 'FAIL') until++;
  return until - from + 1;
}
