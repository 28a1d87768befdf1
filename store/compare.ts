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
import { type CoverageDifferenceRow, pairRuns, type Side } from './compare-runs.ts';
import { listEnvironments, type Scope } from './environment.ts';
import type { PageRequest } from './page.ts';
import type { Store } from './store.ts';

export type Comparison = {
  counts: { transition: Transition; count: number }[];
  /** Series with a result on both sides. */
  pairs: number;
  /** By suite, device type and source. */
  differences: CoverageDifferenceRow[];
  /** In the order of TRANSITIONS, then by suite and device type, then in the order of the suite. */
  listChanges(wanted: readonly Transition[], page: PageRequest): Promise<ChangePage>;
};

export async function compareBuilds(
  store: Store,
  viewer: Viewer,
  base: Side,
  target: Side,
  scope: Scope,
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
    counts: TRANSITIONS.map((transition, kind) => ({
      transition,
      count: cells.reduce((n, { counts }) => n + (counts[kind] ?? 0), 0),
    })),
    pairs: cells.reduce((n, cell) => n + cell.pairs, 0),
    differences,
    listChanges: (wanted, page) => listChanges(cells, wanted, page),
  };
}
