/** TestGrid's flakiness of a row. */
export type FlipCell = 'PASS' | 'FAIL' | 'FLAKY';

/** So many failures in a row are a break, not a flake. */
export const BREAK = 3;

/**
 * Of cells in order of time: whether the row turned from pass to fail there, or was flaky by itself. Null for failures in a
 * row that are a break: they are left out, and what is before and after them are neighbours.
 */
export function markFlips(cells: readonly FlipCell[]): (boolean | null)[] {
  const marks: (boolean | null)[] = [];
  let before: FlipCell | null = null;
  for (let i = 0; i < cells.length; ) {
    const cell = cells[i] ?? 'PASS';
    let end = i + 1;
    while (cell === 'FAIL' && cells[end] === 'FAIL') end++;
    if (end - i >= BREAK) {
      for (; i < end; i++) marks.push(null);
      continue;
    }
    for (; i < end; i++) {
      marks.push(cell === 'FLAKY' || (cell === 'FAIL' && before === 'PASS'));
      before = cell;
    }
  }
  return marks;
}

/** Percent of flips among the cells that are not left out; 0 when none is left. */
export function testgridFlips(cells: readonly FlipCell[]): number {
  const considered = markFlips(cells).filter((mark) => mark !== null);
  return considered.length === 0 ? 0 : (100 * considered.filter(Boolean).length) / considered.length;
}
