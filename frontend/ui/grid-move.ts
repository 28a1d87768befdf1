/** Where a key leads from a cell, in a grid of the size; null for a key that does not move. */
export function target(
  key: string,
  isWide: boolean,
  [row, column]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): [number, number] | null {
  const inside = (r: number, c: number): [number, number] => [
    Math.min(rows - 1, Math.max(0, r)),
    Math.min(columns - 1, Math.max(0, c)),
  ];
  switch (key) {
    case 'ArrowRight':
      return inside(row, column + 1);
    case 'ArrowLeft':
      return inside(row, column - 1);
    case 'ArrowDown':
      return inside(row + 1, column);
    case 'ArrowUp':
      return inside(row - 1, column);
    case 'Home':
      return isWide ? [0, 0] : [row, 0];
    case 'End':
      return isWide ? inside(rows, columns) : inside(row, columns);
    default:
      return null;
  }
}
