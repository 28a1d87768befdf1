import type { MatrixCellsFragment } from '../../graphql/graphql.ts';

export type Cell = MatrixCellsFragment['matrix'][number];
export type Row = { suite: string; cells: ReadonlyMap<string, Cell>; cases: number; hasProblem: boolean };
export type Matrix = { environments: string[]; rows: Row[]; cells: number; problems: number };

/** Something to look at: a failing case, a lab's fault, or labs that do not agree. */
export function isProblem({ counts, infrastructureFailures, disagree }: Cell): boolean {
  return counts.fail > 0 || infrastructureFailures > 0 || disagree;
}

/** Cells as suites by environments, both in alphabetical order. */
export function toMatrix(cells: readonly Cell[]): Matrix {
  const environments = [...new Set(cells.map(({ environment }) => environment.name))].toSorted();
  const rows = [...Map.groupBy(cells, ({ suite }) => suite)].map(([suite, ofSuite]) => ({
    suite,
    cells: new Map(ofSuite.map((cell) => [cell.environment.name, cell])),
    cases: Math.max(...ofSuite.flatMap(({ labs }) => labs.map(({ counts }) => counts.total))),
    hasProblem: ofSuite.some(isProblem),
  }));
  return {
    environments,
    rows: rows.toSorted((a, b) => a.suite.localeCompare(b.suite)),
    cells: cells.length,
    problems: cells.filter(isProblem).length,
  };
}

const keyOf = ({ suite, environment }: Cell) => JSON.stringify([suite, environment.name]);

/** Cells that fail now and ran without a failure in the build before. */
export function newFailures(now: readonly Cell[], before: readonly Cell[]): Set<Cell> {
  const clean = new Set(before.filter(({ counts }) => counts.fail === 0 && counts.total > 0).map(keyOf));
  return new Set(now.filter((cell) => cell.counts.fail > 0 && clean.has(keyOf(cell))));
}
