/**
 * Two builds, test by test. A series is a case of a suite on a device type: the labs that have it are laid over each
 * other.
 */
import { setImmediate } from 'node:timers/promises';
import { TRANSITIONS, type Transition } from '#analysis/transition.ts';
import type { Viewer } from '#schema/viewer.ts';
import { indexCases } from './case-index.ts';
import { type Cell, countTransitions, weigh } from './compare-cell.ts';
import { type ChangePage, listChanges } from './compare-changes.ts';
import { type ComparisonScope, type CoverageDifferenceRow, pairRuns, type Side } from './compare-runs.ts';
import { listEnvironments } from './environment.ts';
import { compare } from './matrix.ts';
import type { PageRequest } from './page.ts';
import type { Store } from './store.ts';

export type Comparison = {
  counts: TransitionCount[];
  /** Series with a result on both sides. */
  pairs: number;
  /** By suite, device type and source. */
  differences: CoverageDifferenceRow[];
  /** What became of tests on each device type with one that got worse, is new and failing, or is fixed; worst first. */
  deviceTypes: DeviceTypeChanges[];
  /** In the order of TRANSITIONS, then by suite and device type, then in the order of the suite. */
  listChanges(wanted: readonly Transition[], page: PageRequest): Promise<ChangePage>;
};

export type DeviceTypeChanges = { deviceType: string; counts: TransitionCount[] };
export type TransitionCount = { transition: Transition; count: number };

export async function compareSides(
  store: Store,
  viewer: Viewer,
  base: Side,
  target: Side,
  scope: ComparisonScope,
): Promise<Comparison> {
  const environments = await listEnvironments(store, viewer, scope);
  const { pairings, differences } = await pairRuns(store, environments, base, target, scope);
  const cells: Cell[] = [];
  for (const ofSuite of Map.groupBy(pairings, (pairing) => pairing.suiteId).values()) {
    const shapes = new Set(ofSuite.flatMap((p) => [...p.base, ...p.target].map((run) => run.shapeId)));
    const index = await indexCases(store, [...shapes]);
    // Names that never repeat take long: others are served between two suites.
    await setImmediate();
    for (const pairing of ofSuite) {
      const weights = { base: weigh(index, pairing.base), target: weigh(index, pairing.target) };
      cells.push({ pairing, index, weights, ...countTransitions(weights) });
    }
  }
  return {
    counts: sumCounts(cells),
    deviceTypes: byDeviceType(cells),
    pairs: cells.reduce((n, cell) => n + cell.pairs, 0),
    differences,
    listChanges: (wanted, page) => listChanges(cells, wanted, page),
  };
}

function sumCounts(cells: readonly Cell[]): TransitionCount[] {
  return TRANSITIONS.map((transition, kind) => ({
    transition,
    count: cells.reduce((n, { counts }) => n + (counts[kind] ?? 0), 0),
  }));
}

const TURNS: ReadonlySet<Transition> = new Set(['PASS_TO_FAIL', 'NEW_FAIL', 'FAIL_TO_PASS'] as const);

function byDeviceType(cells: readonly Cell[]): DeviceTypeChanges[] {
  return [...Map.groupBy(cells, ({ pairing }) => pairing.deviceType)]
    .map(([deviceType, ofType]) => ({ deviceType, counts: sumCounts(ofType) }))
    .filter(({ counts }) => counts.some(({ transition, count }) => count > 0 && TURNS.has(transition)))
    .sort((a, b) => {
      const kind = a.counts.findIndex(({ count }, i) => count !== b.counts[i]?.count);
      return (b.counts[kind]?.count ?? 0) - (a.counts[kind]?.count ?? 0) || compare(a.deviceType, b.deviceType);
    });
}
