/** Which runs of a test say how often it fails by chance, and which of them are turns to failure. */
import { markFlips } from '#analysis/testgrid-flip.ts';
import { FAIL, PASS } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import type { SeriesRun } from './series-runs.ts';

export function isOut({ isLost, isBatch, verdict }: SeriesRun): boolean {
  return isLost || (isBatch && verdict === FAIL);
}

export function tellsOfTest(run: SeriesRun): boolean {
  return !isOut(run) && (run.verdict === PASS || run.verdict === FAIL);
}

/** Failures of builds of which no run on the device type passed, in two labs at least: nothing that comes and goes. */
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
  return new Set(real.flat());
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
