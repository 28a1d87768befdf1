/** The runs of several sides next to each other, and what some sides have and others have not. */

import type { Counts } from './codec.ts';
import {
  type ComparisonScope,
  isOfAllSources,
  readLost,
  readRuns,
  type Side,
  type SideRun,
  sourceOf,
  sumCounts,
  typeOf,
} from './compare-runs.ts';
import type { EnvironmentRow } from './environment.ts';
import { compareKeys } from './page.ts';
import type { Store } from './store.ts';

/** Runs of a suite on a device type by side, newest first; null for the type where types are compared with each other. */
export type SideRuns = { suiteId: number; suite: string; deviceType: string | null; runs: SideRun[][] };

/** A suite on a device type that a source ran for some sides only. */
export type ManyDifferenceRow = Counts & {
  suite: string;
  deviceType: string;
  sourceId: number;
  slug: string;
  /** By side. */
  ran: boolean[];
  /** Jobs of the sides it did not run for that were to run it and failed by the lab's fault. */
  infrastructureFailures: number;
  /** Its results are compared all the same. */
  compared: boolean;
};

/**
 * As `pairRuns` of two sides: of the sources of a suite and device type those that ran it for every side that has it are
 * compared; without such a source, or where a side is one source's, all are. What one side alone has is in differences.
 */
export async function layRuns(
  store: Store,
  environments: readonly EnvironmentRow[],
  sides: readonly Side[],
  scope: ComparisonScope,
): Promise<{ cells: SideRuns[]; differences: ManyDifferenceRow[]; acrossTypes: boolean }> {
  const acrossTypes = sides.every((side) => typeOf(side) !== null);
  const bySource = sides.every(isOfAllSources);
  const all = new Map<string, SideRuns>();
  const lost: ReadonlyMap<string, number>[] = [];
  for (const [i, side] of sides.entries()) {
    lost.push(await readLost(store, side, environments));
    for (const run of await readRuns(store, environments, side, scope)) {
      const { suiteId, suite, environment } = run;
      const key = acrossTypes ? String(suiteId) : `${suiteId}/${environment.deviceTypeId}`;
      const deviceType = acrossTypes ? null : environment.deviceType;
      const cell = all.get(key) ?? { suiteId, suite, deviceType, runs: sides.map(() => []) };
      all.set(key, cell);
      cell.runs[i]?.push(run);
    }
  }
  const cells: SideRuns[] = [];
  const differences: ManyDifferenceRow[] = [];
  for (const cell of all.values()) {
    const having = cell.runs.filter((runs) => runs.length > 0);
    const common = bySource ? commonSources(having) : new Set<number>();
    const isCompared = (sourceId: number) => having.length > 1 && (common.size === 0 || common.has(sourceId));
    if (having.length > 1)
      cells.push({ ...cell, runs: cell.runs.map((runs) => runs.filter((run) => isCompared(sourceOf(run)))) });
    // Where sources stand for each other, only what nobody ran is missing.
    if (!bySource && having.length === sides.length) continue;
    for (const [sourceId, ofSource] of Map.groupBy(cell.runs.flat(), sourceOf)) {
      const ran = cell.runs.map((runs) => runs.some((run) => sourceOf(run) === sourceId));
      if (!ran.includes(false)) continue;
      const { deviceType = '', slug = '' } = ofSource[0]?.environment ?? {};
      const infrastructureFailures = sides.reduce((n, side, i) => {
        const key = `${cell.suiteId}/${typeOf(side) || deviceType}/${sourceId}`;
        return ran[i] ? n : n + (lost[i]?.get(key) ?? 0);
      }, 0);
      const { suite } = cell;
      const compared = isCompared(sourceId);
      differences.push({
        suite,
        deviceType,
        sourceId,
        slug,
        ran,
        ...sumCounts(ofSource),
        infrastructureFailures,
        compared,
      });
    }
  }
  differences.sort((a, b) => compareKeys([a.suite, a.deviceType, a.slug], [b.suite, b.deviceType, b.slug]));
  return { cells, differences, acrossTypes };
}

/** Of the sides that have runs. */
function commonSources(having: readonly (readonly SideRun[])[]): Set<number> {
  const [first = [], ...rest] = having.map((runs) => new Set(runs.map(sourceOf)));
  return new Set([...first].filter((id) => rest.every((others) => others.has(id))));
}
