/** The changes between two builds, a page at a time. */
import { TRANSITIONS, type Transition } from '#analysis/transition.ts';
import type { TestResult } from '#schema/records.ts';
import type { CasePlace } from './case-place.ts';
import { type CaseResult, createResultReader, orderCases, type ReadResults } from './case-run.ts';
import { type CaseName, resultOf } from './codec.ts';
import { type Cell, kindOf, resultOfWeight, weightOf } from './compare-cell.ts';
import type { SideRun } from './compare-runs.ts';
import { compare } from './matrix.ts';
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
  /** What each lab's results come to, by slug. */
  baseLabs: LabResultRow[];
  targetLabs: LabResultRow[];
  /** Changes of this kind of the suite on the device type. */
  groupCount: number;
  /** Index of the transition, suite, device type, and place among the cases of both sides. */
  key: Key;
};

/** The newest result that is what the test comes to in a lab. */
export type LabResultRow = CasePlace & { sourceId: number; result: TestResult };

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
  const read = createResultReader();
  return { ...beyond, rows: rows.flatMap((change) => toChange(change, names.get(change), read)) };
}

function toChange({ cell, n, kind, place }: Found, name: CaseName | undefined, read: ReadResults): TestChangeRow[] {
  const transition = TRANSITIONS[kind];
  if (!name || !transition) return [];
  const { index, pairing, weights } = cell;
  const { suite, deviceType } = pairing;
  const [base, target] = [read(index, pairing.base, n), read(index, pairing.target, n)];
  return [
    {
      transition,
      suite,
      deviceType,
      ...name,
      baseResult: resultOfWeight(weights.base[n] ?? 0),
      targetResult: resultOfWeight(weights.target[n] ?? 0),
      base: placeOf(base),
      target: placeOf(target),
      baseLabs: labsOf(base),
      targetLabs: labsOf(target),
      groupCount: cell.counts[kind] ?? 0,
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
      const order = orders.get(cell) ?? orderCases(cell.index, [...cell.pairing.target, ...cell.pairing.base]);
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

type Result = CaseResult<SideRun>;

/** The newest of those that have most weight. */
function heaviest(results: readonly Result[]): Result | null {
  return results.reduce<Result | null>(
    (most, result) => (most && weightOf(most.verdict) >= weightOf(result.verdict) ? most : result),
    null,
  );
}

function placeOf(results: readonly Result[]): CasePlace | null {
  const found = heaviest(results);
  return found && { jobId: found.run.jobId, ord: found.run.ord, position: found.position };
}

function labsOf(results: readonly Result[]): LabResultRow[] {
  const byLab = [...Map.groupBy(results, ({ run }) => run.environment.slug)].sort(([a], [b]) => compare(a, b));
  return byLab.flatMap(([, ofLab]) => {
    const found = heaviest(ofLab);
    if (!found) return [];
    const { run, position, verdict } = found;
    const place = { jobId: run.jobId, ord: run.ord, position };
    return [{ sourceId: run.environment.sourceId, result: resultOf(verdict), ...place }];
  });
}
