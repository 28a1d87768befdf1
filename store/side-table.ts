/** Tests against several sides: what each test of a suite on a device type comes to on each side, and lists of such rows. */
import type { TestResult } from '#schema/records.ts';
import type { CaseIndex } from './case-index.ts';
import type { CasePlace } from './case-place.ts';
import { type CaseRun, createResultReader, orderCases, type ReadResults } from './case-run.ts';
import { type CaseName, resultOf } from './codec.ts';
import { compareKeys, isOnPage, type Key, type Page, type PageRequest, toPage } from './page.ts';
import { NO_RESULT } from './speaking-run.ts';

export type TableCell = {
  suite: string;
  deviceType: string;
  index: CaseIndex;
  /** By side, newest first. */
  runs: readonly (readonly CaseRun[])[];
  /** By side, of each case: 0 for no result, else its verdict and one. */
  results: readonly Uint8Array[];
};

/** By side: the newest result that is what the test comes to there. */
export type TableRow = CaseName & {
  suite: string;
  deviceType: string;
  sides: (({ result: TestResult } & CasePlace) | null)[];
  /** Suite, device type, and place among the cases of all sides. */
  key: Key;
};

/** Given what a test comes to by side; the array is used again for the next test. */
export type IsWanted<Cell extends TableCell = TableCell> = (results: Uint8Array, cell: Cell) => boolean;

/** The results of one case after the other, in one array. */
function createRow({ results }: TableCell): (n: number) => Uint8Array {
  const row = new Uint8Array(results.length);
  return (n) => {
    for (const [side, ofSide] of results.entries()) row[side] = ofSide[n] ?? NO_RESULT;
    return row;
  };
}

export function eachRow<Cell extends TableCell>(
  cells: readonly Cell[],
  visit: (results: Uint8Array, cell: Cell) => void,
): void {
  for (const cell of cells) {
    const rowOf = createRow(cell);
    for (let n = 0; n < cell.index.size; n++) visit(rowOf(n), cell);
  }
}

type Found = { cell: TableCell; n: number; key: Key };

/** By suite and device type, then in the order of the suite. */
export function listRows<Cell extends TableCell>(
  cells: readonly Cell[],
  isWanted: IsWanted<Cell>,
  page: PageRequest,
): Promise<Page<TableRow>> {
  return toRows(walk(cells, isWanted, page), page);
}

/** By kind, of which each test has one, then as above; the number of the kind is the first part of the key. */
export function listRowsByKind<Cell extends TableCell>(
  cells: readonly Cell[],
  kinds: readonly number[],
  kindOf: (results: Uint8Array, cell: Cell) => number,
  page: PageRequest,
): Promise<Page<TableRow>> {
  const rows = function* () {
    for (const kind of page.backward ? kinds.toReversed() : kinds)
      yield* walk(cells, (results, cell) => kindOf(results, cell) === kind, page, [kind]);
  };
  return toRows(rows(), page);
}

async function toRows(all: Generator<Found>, page: PageRequest): Promise<Page<TableRow>> {
  const found: Found[] = [];
  for (const row of all) {
    found.push(row);
    if (found.length > page.limit) break;
  }
  const { rows, ...beyond } = toPage(found, page);
  const names = new Map<Found, CaseName>();
  for (const [index, ofIndex] of Map.groupBy(rows, ({ cell }) => cell.index)) {
    const given = await index.namesOf(ofIndex.map(({ n }) => n));
    for (const [i, row] of ofIndex.entries()) if (given[i]) names.set(row, given[i]);
  }
  const read = createResultReader();
  return {
    ...beyond,
    rows: rows.flatMap((row) => {
      const name = names.get(row);
      const { suite, deviceType, runs } = row.cell;
      return name
        ? [{ ...name, suite, deviceType, sides: runs.map((_, side) => sideOf(row, side, read)), key: row.key }]
        : [];
    }),
  };
}

/** `under`: what keys begin with. */
function* walk<Cell extends TableCell>(
  cells: readonly Cell[],
  isWanted: IsWanted<Cell>,
  page: PageRequest,
  under: Key = [],
): Generator<Found> {
  const { after, before, backward } = page;
  const sorted = cells.toSorted((a, b) => compareKeys(cellKey(a), cellKey(b)));
  for (const cell of backward ? sorted.reverse() : sorted) {
    const key = [...under, ...cellKey(cell)];
    if ((after && compareKeys(key, after) < 0) || (before && compareKeys(key, before) > 0)) continue;
    const order = orderCases(cell.index, cell.runs.flat());
    const rowOf = createRow(cell);
    for (let i = 0; i < order.length; i++) {
      const place = backward ? order.length - 1 - i : i;
      const n = order[place] ?? 0;
      if (isOnPage([...key, place], page) && isWanted(rowOf(n), cell)) yield { cell, n, key: [...key, place] };
    }
  }
}

function cellKey({ suite, deviceType }: TableCell): Key {
  return [suite, deviceType];
}

function sideOf({ cell, n }: Found, side: number, read: ReadResults): TableRow['sides'][number] {
  const code = cell.results[side]?.[n] ?? NO_RESULT;
  if (code === NO_RESULT) return null;
  const found = read(cell.index, cell.runs[side] ?? [], n).find(({ verdict }) => verdict === code - 1);
  return found
    ? { result: resultOf(code - 1), jobId: found.run.jobId, ord: found.run.ord, position: found.position }
    : null;
}
