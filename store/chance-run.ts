/** Which runs of a test say how often it fails by chance, and which of them are turns to failure. */
import { BREAK, markFlips } from '#analysis/testgrid-flip.ts';
import { FAIL, PASS } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import type { SeriesRun } from './series-runs.ts';

export function isOut({ isLost, isBatch, verdict }: SeriesRun): boolean {
  return isLost || (isBatch && verdict === FAIL);
}

export function tellsOfTest(run: SeriesRun): boolean {
  return !isOut(run) && (run.verdict === PASS || run.verdict === FAIL);
}

/**
 * Failures that do not come and go: of builds of which no run on the device type passed, in two labs at least, and as many in a
 * row as make a break, on the device type or in one lab of it, in two branches at least.
 */
export function realFailures(
  runs: readonly SeriesRun[],
  environments: ReadonlyMap<number, EnvironmentRow>,
): ReadonlySet<SeriesRun> {
  const told = runs.filter(tellsOfTest);
  const together = Map.groupBy(told, ({ buildId, envId }) => `${buildId}/${environments.get(envId)?.deviceTypeId}`);
  const real = [...together.values()].filter(
    (all) =>
      all.every(({ verdict }) => verdict === FAIL) &&
      new Set(all.map(({ envId }) => environments.get(envId)?.sourceId)).size > 1,
  );
  const isBreak = (row: readonly SeriesRun[]) =>
    row.length >= BREAK && new Set(row.map(({ branchId }) => branchId)).size > 1;
  const byType = Map.groupBy(told, ({ envId }) => environments.get(envId)?.deviceTypeId);
  const byTypeAndLab = Map.groupBy(told, ({ envId }) => envId);
  const breaks = [...byType.values(), ...byTypeAndLab.values()].flatMap(failuresInARow).filter(isBreak);
  return new Set([...real.flat(), ...breaks.flat()]);
}

/** Of runs that tell of the test; of one second those that pass go first, in whatever order they came. */
export function failuresInARow(told: readonly SeriesRun[]): SeriesRun[][] {
  const rows: SeriesRun[][] = [];
  const inOrder = told.toSorted((a, b) => a.at - b.at || a.verdict - b.verdict);
  for (const [i, run] of inOrder.entries()) {
    if (run.verdict !== FAIL) continue;
    if (inOrder[i - 1]?.verdict === FAIL) rows.at(-1)?.push(run);
    else rows.push([run]);
  }
  return rows;
}

export type MarkedRun = { run: SeriesRun /** Turned from pass to fail; null in a break. */; mark: boolean | null };

/** Stream by stream. Runs oldest first that tell of the test; those that really failed are left out. */
export function markChance(runs: readonly SeriesRun[], real: ReadonlySet<SeriesRun>): MarkedRun[][] {
  const chance = runs.filter((run) => !real.has(run));
  return [...Map.groupBy(chance, ({ envId, branchId }) => `${envId}/${branchId}`).values()].map((stream) => {
    const marks = markFlips(stream.map(({ verdict }) => (verdict === FAIL ? 'FAIL' : 'PASS')));
    return stream.map((run, i) => ({ run, mark: marks[i] ?? null }));
  });
}
