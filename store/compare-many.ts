/** Two sides and more, test by test: what each comes to on every side, and what has become of it since the first. */
import { setImmediate } from 'node:timers/promises';
import { TRANSITIONS, type Transition, transitionOf } from '#analysis/transition.ts';
import type { Viewer } from '#schema/viewer.ts';
import { indexCases } from './case-index.ts';
import { RESULTS, resultOf, type Verdict } from './codec.ts';
import type { TransitionCount } from './compare.ts';
import { resultOfWeight, weigh } from './compare-cell.ts';
import type { ComparisonScope, Side } from './compare-runs.ts';
import { listEnvironments } from './environment.ts';
import { layRuns, type ManyDifferenceRow } from './many-runs.ts';
import type { Page, PageRequest } from './page.ts';
import { eachRow, listRowsByKind, type TableCell, type TableRow } from './side-table.ts';
import { NO_RESULT } from './speaking-run.ts';
import type { Store } from './store.ts';

export type ManyComparison = {
  /** Tests by the worst that has become of them on any side. */
  counts: TransitionCount[];
  /** By side, what has become of tests there. */
  bySide: TransitionCount[][];
  /** Tests with a result on two sides at least. */
  tests: number;
  differences: ManyDifferenceRow[];
  /** In the order of TRANSITIONS, then by suite and device type, then in the order of the suite. */
  listTests(wanted: readonly Transition[], side: number | null, page: PageRequest): Promise<Page<ManyTestRow>>;
};

export type ManyTestRow = TableRow & {
  /** On the side that was asked for, else the worst of all sides. */
  transition: Transition;
  /** Kinds of boards are compared with each other: `deviceType` says nothing. */
  isAcrossTypes: boolean;
};

/** `base`: the first side with runs of the suite; `others`: those after it. */
type Cell = TableCell & { base: number; others: number[] };

export async function compareMany(
  store: Store,
  viewer: Viewer,
  sides: readonly Side[],
  scope: ComparisonScope,
): Promise<ManyComparison> {
  const environments = await listEnvironments(store, viewer, scope);
  const laid = await layRuns(store, environments, sides, scope);
  const cells: Cell[] = [];
  for (const ofSuite of Map.groupBy(laid.cells, ({ suiteId }) => suiteId).values()) {
    const shapes = new Set(ofSuite.flatMap(({ runs }) => runs.flat().map(({ shapeId }) => shapeId)));
    const index = await indexCases(store, [...shapes]);
    await setImmediate();
    for (const { suite, deviceType, runs } of ofSuite) {
      const [base = 0, ...others] = runs.flatMap((ofSide, i) => (ofSide.length > 0 ? [i] : []));
      const results = runs.map((ofSide) => weigh(index, ofSide).map((weight) => CODES[weight] ?? NO_RESULT));
      cells.push({ suite, deviceType: deviceType ?? '', index, runs, results, base, others });
    }
  }
  const none = () => TRANSITIONS.map(() => 0);
  const [all, bySide] = [none(), sides.map(none)];
  let tests = 0;
  eachRow(cells, (results, cell) => {
    if (results.reduce((n, code) => (code === NO_RESULT ? n : n + 1), 0) > 1) tests += 1;
    add(all, worstKind(results, cell));
    for (const side of cell.others) add(bySide[side], kindOf(results, cell.base, side));
  });
  return {
    counts: toCounts(all),
    bySide: bySide.map(toCounts),
    tests,
    differences: laid.differences,
    async listTests(wanted, side, page) {
      const kinds = TRANSITIONS.flatMap((name, kind) => (wanted.includes(name) ? [kind] : []));
      const found = (results: Uint8Array, cell: Cell) => {
        if (side === null) return worstKind(results, cell);
        return cell.others.includes(side) ? kindOf(results, cell.base, side) : NOTHING;
      };
      const { rows, ...beyond } = await listRowsByKind(cells, kinds, found, page);
      return {
        ...beyond,
        rows: rows.flatMap((row) => {
          const transition = TRANSITIONS[Number(row.key[0])];
          return transition ? [{ ...row, transition, isAcrossTypes: laid.acrossTypes }] : [];
        }),
      };
    },
  };
}

/** Verdict and one by weight. */
const CODES = Array.from({ length: RESULTS.length + 1 }, (_, weight) => {
  const result = resultOfWeight(weight);
  return result ? RESULTS.indexOf(result) + 1 : NO_RESULT;
});

const NOTHING = -1;
const SIDES = RESULTS.length + 1;
/** Index into TRANSITIONS by what a test comes to on both sides. */
const KINDS = Int8Array.from({ length: SIDES * SIDES }, (_, i) => {
  const transition = transitionOf(resultOfCode(Math.floor(i / SIDES)), resultOfCode(i % SIDES));
  return transition ? TRANSITIONS.indexOf(transition) : NOTHING;
});

function resultOfCode(code: Verdict) {
  return code === NO_RESULT ? null : resultOf(code - 1);
}

function kindOf(results: Uint8Array, base: number, side: number): number {
  return KINDS[(results[base] ?? NO_RESULT) * SIDES + (results[side] ?? NO_RESULT)] ?? NOTHING;
}

function worstKind(results: Uint8Array, { base, others }: Cell): number {
  let worst = NOTHING;
  for (const side of others) {
    const kind = kindOf(results, base, side);
    if (kind !== NOTHING && (worst === NOTHING || kind < worst)) worst = kind;
  }
  return worst;
}

function add(counts: number[] | undefined, kind: number): void {
  if (counts && kind !== NOTHING) counts[kind] = (counts[kind] ?? 0) + 1;
}

function toCounts(counts: readonly number[]): TransitionCount[] {
  return TRANSITIONS.map((transition, kind) => ({ transition, count: counts[kind] ?? 0 }));
}
