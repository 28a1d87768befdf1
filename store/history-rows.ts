/** The rows of a history grid: which there are, and a page of them with their cells. */
import { setImmediate } from 'node:timers/promises';
import { failingSince, hasChanged, isGreen } from '#analysis/failing-since.ts';
import type { CaseIndex } from './case-index.ts';
import type { CaseName } from './codec.ts';
import { cellsOf, GREEN, markCases, OTHER, type TypeRuns } from './history-cells.ts';
import { compareKeys, isOnPage, type Key, type Page, type PageRequest, toPage } from './page.ts';

/** All tests, those that are not green, those whose results differ, those that fail now. */
export type GridShow = 'ALL' | 'NOT_GREEN' | 'CHANGED' | 'FAILING';

/** A test on a device type. */
export type GridRow = CaseName & {
  deviceType: string;
  /** A letter a build: P F S U, M where one run fails and another passes, I infrastructure, . not run. */
  cells: string;
};

/** Of tests on device types. */
export type GridCounts = { tests: number; green: number; changed: number; failing: number };

export type GridRows = {
  /** Whatever is shown. */
  count(): Promise<GridCounts>;
  /** By name, set and device type: see gridKey. */
  listRows(show: GridShow, page: PageRequest): Promise<Page<GridRow>>;
};

/** Rows whose cells are held at a time. */
const CHUNK = 5_000;

export function gridKey({ name, set, deviceType }: Omit<GridRow, 'cells'>): Key {
  return [name, set === null ? '' : `/${set}`, deviceType];
}

type Place = { type: TypeRuns; n: number };

type Sorted = Record<'green' | 'other' | 'changed' | 'failing', Place[]>;

export function createRows(index: CaseIndex, types: readonly TypeRuns[], columns: number): GridRows {
  const sort = async (): Promise<Sorted> => {
    const sorted: Sorted = { green: [], other: [], changed: [], failing: [] };
    const open: Place[] = [];
    for (const type of types) {
      for (const [n, mark] of markCases(index, type.runs).entries()) {
        if (mark === GREEN) sorted.green.push({ type, n });
        if (mark === OTHER) open.push({ type, n });
      }
    }
    for (let at = 0; at < open.length; at += CHUNK) {
      for (const { place, cells } of await withCells(index, open.slice(at, at + CHUNK), columns)) {
        // One lab may skip what another passes.
        sorted[isGreen(cells) ? 'green' : 'other'].push(place);
        if (hasChanged(cells)) sorted.changed.push(place);
        if (failingSince(cells)) sorted.failing.push(place);
      }
    }
    return sorted;
  };
  let sorted: Promise<Sorted> | undefined;
  const places = () => {
    sorted ??= sort();
    return sorted;
  };
  const pick = async (show: GridShow): Promise<Place[]> => {
    const { green, other, changed, failing } = await places();
    return { ALL: [...green, ...other], NOT_GREEN: other, CHANGED: changed, FAILING: failing }[show];
  };
  return {
    async count() {
      const { green, other, changed, failing } = await places();
      return {
        tests: green.length + other.length,
        green: green.length,
        changed: changed.length,
        failing: failing.length,
      };
    },
    async listRows(show, page) {
      const picked = await pick(show);
      const cases = [...new Set(picked.map(({ n }) => n))];
      const names = new Map((await index.namesOf(cases)).map((name, i) => [cases[i], name]));
      await setImmediate();
      const rows = picked.flatMap((place) => {
        const name = names.get(place.n);
        if (!name) return [];
        const row = { ...name, deviceType: place.type.deviceType };
        const key = gridKey(row);
        return isOnPage(key, page) ? [{ row, key, place }] : [];
      });
      rows.sort((a, b) => compareKeys(a.key, b.key));
      if (page.backward) rows.reverse();
      const { rows: shown, ...edges } = toPage(rows.slice(0, page.limit + 1), page);
      const cells = await withCells(
        index,
        shown.map(({ place }) => place),
        columns,
      );
      const byPlace = new Map(cells.map(({ place, cells: letters }) => [place, letters]));
      return { ...edges, rows: shown.map(({ row, place }) => ({ ...row, cells: byPlace.get(place) ?? '' })) };
    },
  };
}

async function withCells(
  index: CaseIndex,
  places: readonly Place[],
  columns: number,
): Promise<{ place: Place; cells: string }[]> {
  const found: { place: Place; cells: string }[] = [];
  for (const [type, ofType] of Map.groupBy(places, (place) => place.type)) {
    const cells = await cellsOf(
      index,
      type,
      ofType.map(({ n }) => n),
      columns,
    );
    for (const [i, place] of ofType.entries()) found.push({ place, cells: cells[i] ?? '' });
  }
  return found;
}
