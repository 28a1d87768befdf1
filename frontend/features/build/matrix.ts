import type { MatrixRowFragment } from '../../graphql/graphql.ts';
import { count } from '../../ui/number.ts';

export type Suite = MatrixRowFragment;
export type Cell = Suite['cells'][number];
export type Lab = Cell['labs'][number];
export type Row = { suite: string; cells: ReadonlyMap<string, Cell>; cases: number };
/** `passing`: columns of which no cell is a problem. */
export type Matrix = { environments: string[]; passing: string[]; rows: Row[] };

/** Something to look at: a failing case, a lab's fault, or labs that do not agree. */
export function isProblem({ labs, infrastructureFailures, disagree }: Cell): boolean {
  return labs.some(({ counts }) => counts.fail > 0) || infrastructureFailures > 0 || disagree;
}

/** Suites by environments, these in alphabetical order. */
export function toMatrix(suites: readonly Suite[]): Matrix {
  const cells = suites.flatMap((suite) => suite.cells);
  const withProblem = new Set(cells.filter(isProblem).map(({ environment }) => environment.name));
  const environments = [...new Set(cells.map(({ environment }) => environment.name))].toSorted();
  return {
    environments,
    passing: environments.filter((name) => !withProblem.has(name)),
    rows: suites.map(({ name, cells }) => ({
      suite: name,
      cells: new Map(cells.map((cell) => [cell.environment.name, cell])),
      cases: Math.max(0, ...cells.flatMap(({ labs }) => labs.map(({ counts }) => counts.total))),
    })),
  };
}

/** A cell that is looked at: its lines, and what it counts. */
export type Look = Pick<Cell, 'disagree' | 'isNewlyFailing' | 'recent'> & {
  lines: Line[];
  counted: ReturnType<typeof countedIn>;
};
/** As the table takes it, for each column: a look, or what it came to in a word, or null where there is no cell. */
export type ShownRow = { suite: string; cases: number; cells: (Look | string | null)[] };

export function toShown(matrix: Matrix, columns: readonly string[]): ShownRow[] {
  const isBrief = isCrowded(matrix);
  const show = (cell: Cell | undefined) => {
    if (!cell) return null;
    if (isBrief && !isProblem(cell)) return wordOf(cell);
    const { disagree, isNewlyFailing, recent } = cell;
    return { lines: linesOf(cell), counted: countedIn(cell), disagree, isNewlyFailing, recent };
  };
  return matrix.rows.map(({ suite, cases, cells }) => ({
    suite,
    cases,
    cells: columns.map((name) => show(cells.get(name))),
  }));
}

/** Above so many cells a page would weigh megabytes: those without a problem then say in a word what they came to. */
const CROWDED = 400;

export function isCrowded({ rows }: Matrix): boolean {
  return rows.reduce((n, { cells }) => n + cells.size, 0) > CROWDED;
}

/** "14 pass", over all labs. */
export function wordOf({ labs }: Cell): string {
  const pass = labs.reduce((n, { counts }) => n + counts.pass, 0);
  if (pass > 0) return `${count(pass)} pass`;
  return labs.some(({ counts }) => counts.total > 0) ? 'skip' : 'no results';
}

const KINDS = ['fail', 'infra', 'none', 'skip', 'pass'] as const;
export type Kind = (typeof KINDS)[number];
/** `most` is larger than `least` where a line is of several labs that differ. */
export type Line = { label: string; kind: Kind; least: number; most: number };

/** More labs than these in a cell: those of a kind share a line. */
const MANY_LABS = 3;

/** One line a lab; in a cell of many labs what needs a look comes first, and three labs of a kind are one line. */
export function linesOf({ labs }: Cell): Line[] {
  const lines = labs.map(lineOf);
  if (lines.length <= MANY_LABS) return lines;
  return KINDS.flatMap((kind) => {
    const ofKind = lines.filter((line) => line.kind === kind);
    if (ofKind.length < MANY_LABS) return ofKind;
    const values = ofKind.map(({ most }) => most);
    return [{ label: `${ofKind.length} labs`, kind, least: Math.min(...values), most: Math.max(...values) }];
  });
}

function lineOf({ source: { slug }, counts, infrastructureFailures }: Lab): Line {
  const line = (kind: Kind, value: number) => ({ label: slug, kind, least: value, most: value });
  if (counts.fail > 0) return line('fail', counts.fail);
  if (infrastructureFailures > 0) return line('infra', infrastructureFailures);
  if (counts.total === 0) return line('none', 0);
  return counts.pass === 0 ? line('skip', counts.skip) : line('pass', counts.pass);
}

/** What a cell counts, over its labs: what fails, else every result; null where it is without results. */
export function countedIn({ labs }: Cell): { value: number; isFailing: boolean } | null {
  const sum = (key: 'fail' | 'total') => labs.reduce((n, { counts }) => n + counts[key], 0);
  const [fail, total] = [sum('fail'), sum('total')];
  return total === 0 ? null : { value: fail > 0 ? fail : total, isFailing: fail > 0 };
}
