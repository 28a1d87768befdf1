/** The changes between two builds, a page at a time. */
import { TRANSITIONS, type Transition } from '#analysis/transition.ts';
import type { TestResult } from '#schema/records.ts';
import type { CaseIndex } from './case-index.ts';
import type { CasePlace } from './case-place.ts';
import { type CaseName, unpackVerdicts } from './codec.ts';
import { type Cell, kindOf, resultOfWeight, weightOf } from './compare-cell.ts';
import type { SideRun } from './compare-runs.ts';
import { compareKeys, isOnPage, type Key, type Page, type PageRequest, toPage } from './page.ts';

export type TestChangeRow = {
  transition: Transition;
  suite: string;
  deviceType: string;
  set: string | null;
  name: string;
  baseResult: TestResult | null;
  targetResult: TestResult | null;
  /** The newest result that is what the test comes to on the side. */
  base: CasePlace | null;
  target: CasePlace | null;
  /** Index of the transition, suite, device type, and place among the cases of both sides. */
  key: Key;
};

export type ChangePage = Page<TestChangeRow>;

type Found = { cell: Cell; n: number; kind: number; place: number };

export async function listChanges(
  cells: readonly Cell[],
  wanted: readonly Transition[],
  page: PageRequest,
): Promise<ChangePage> {
  const found: Found[] = [];
  for (const change of walk(cells, wanted, page)) {
    found.push(change);
    if (found.length > page.limit) break;
  }
  const { rows, ...beyond } = toPage(found, page);
  const names = new Map<Found, CaseName>();
  for (const [index, changes] of Map.groupBy(rows, ({ cell }) => cell.index)) {
    const given = await index.namesOf(changes.map(({ n }) => n));
    for (const [i, change] of changes.entries()) if (given[i]) names.set(change, given[i]);
  }
  const locate = createLocator();
  return { ...beyond, rows: rows.flatMap((change) => toChange(change, names.get(change), locate)) };
}

function toChange({ cell, n, kind, place }: Found, name: CaseName | undefined, locate: Locate): TestChangeRow[] {
  const transition = TRANSITIONS[kind];
  if (!name || !transition) return [];
  const { index, pairing, weights } = cell;
  const { suite, deviceType } = pairing;
  const [base, target] = [weights.base[n] ?? 0, weights.target[n] ?? 0];
  return [
    {
      transition,
      suite,
      deviceType,
      ...name,
      baseResult: resultOfWeight(base),
      targetResult: resultOfWeight(target),
      base: locate(index, pairing.base, n, base),
      target: locate(index, pairing.target, n, target),
      key: [kind, suite, deviceType, place],
    },
  ];
}

/** Changes behind a key, or before one when the page goes backward. */
function* walk(cells: readonly Cell[], wanted: readonly Transition[], page: PageRequest): Generator<Found> {
  const { after, before, backward } = page;
  const turned = <T>(list: readonly T[]) => (backward ? list.toReversed() : list);
  const sorted = cells.toSorted((a, b) => compareKeys(cellKey(a), cellKey(b)));
  const orders = new Map<Cell, Int32Array>();
  for (const [kind, transition] of turned([...TRANSITIONS.entries()])) {
    if (!wanted.includes(transition)) continue;
    for (const cell of turned(sorted)) {
      const key = [kind, ...cellKey(cell)];
      if (cell.counts[kind] === 0) continue;
      if ((after && compareKeys(key, after) < 0) || (before && compareKeys(key, before) > 0)) continue;
      const order = orders.get(cell) ?? orderOf(cell);
      orders.set(cell, order);
      for (let i = 0; i < order.length; i++) {
        const place = backward ? order.length - 1 - i : i;
        const n = order[place] ?? 0;
        if (kindOf(cell.weights, n) === kind && isOnPage([...key, place], page)) yield { cell, n, kind, place };
      }
    }
  }
}

function cellKey({ pairing: { suite, deviceType } }: Cell): Key {
  return [suite, deviceType];
}

/** The cases as the newest run of the target has them, then what others have besides. */
function orderOf({ index, pairing }: Cell): Int32Array {
  const order = new Int32Array(index.size);
  const placed = new Uint8Array(index.size);
  let size = 0;
  for (const shapeId of new Set([...pairing.target, ...pairing.base].map((run) => run.shapeId))) {
    for (const n of index.casesOf(shapeId)) {
      if (placed[n]) continue;
      placed[n] = 1;
      order[size++] = n;
    }
  }
  return order.subarray(0, size);
}

type Locate = (index: CaseIndex, runs: readonly SideRun[], n: number, weight: number) => CasePlace | null;

/** Finds the newest result of a case that has a weight. */
function createLocator(): Locate {
  const unpacked = new Map<SideRun, Uint8Array>();
  const verdictsOf = (run: SideRun, size: number) => {
    const verdicts = unpacked.get(run) ?? unpackVerdicts(run.verdicts, size);
    unpacked.set(run, verdicts);
    return verdicts;
  };
  return (index, runs, n, weight) => {
    if (weight === 0) return null;
    for (const run of runs) {
      const cases = index.casesOf(run.shapeId);
      for (let position = cases.indexOf(n); position >= 0; position = cases.indexOf(n, position + 1)) {
        const verdict = verdictsOf(run, cases.length)[position] ?? 0;
        if (weightOf(verdict) === weight) return { jobId: run.jobId, ord: run.ord, position };
      }
    }
    return null;
  };
}
