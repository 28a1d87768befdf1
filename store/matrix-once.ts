/** The sums of builds with several runs of a suite counted once: one row a suite, kind of board and lab. */
import { setImmediate } from 'node:timers/promises';
import type { RunVerdict } from '#analysis/run-verdict.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { BuildRow } from './build.ts';
import { type BuildRun, listRepeatedRuns } from './build-run.ts';
import { indexShapes } from './case-index.ts';
import { type Counts, eachNonPass } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { environmentsById, type MatrixRow, type MatrixScope } from './matrix.ts';
import { unpackShapes } from './read-shape.ts';
import { countOnce, keyOf } from './speaking-run.ts';
import type { Store } from './store.ts';

export type OnceRow = MatrixRow & { buildId: number };

type Summed = Counts & { buildId: number; suiteId: number; envId: number; runs: number; infrastructure: number };

const COUNTS = ['pass', 'fail', 'skip', 'unknown'] as const;

/**
 * Of all suites unless some are named. Single verdicts are read where a lab ran a suite more than once on a kind of board.
 * Runs whose single results retention has deleted count each, as in the sums.
 */
export async function listMatrixOnce(
  store: Store,
  viewer: Viewer,
  builds: readonly Pick<BuildRow, 'id' | 'branchId'>[],
  scope: MatrixScope,
  verdict: RunVerdict,
  suiteIds?: readonly number[],
): Promise<OnceRow[]> {
  const envs = await environmentsById(store, viewer, scope);
  const cells = toCells(await readSums(store, builds, envs, suiteIds), envs);
  const repeated = Map.groupBy(
    [...cells.values()].filter(({ runs }) => runs > 1),
    ({ buildId }) => buildId,
  );
  for (const build of builds) {
    const suites = new Set(repeated.get(build.id)?.map(({ suiteId }) => suiteId));
    if (suites.size === 0) continue;
    await count(store, await listRepeatedRuns(store, build, [...suites], envs), build.id, cells, verdict);
  }
  return [...cells.values()].map(({ runs: _, ...row }) => row);
}

function readSums(
  { sql, engine }: Store,
  builds: readonly Pick<BuildRow, 'id'>[],
  envs: ReadonlyMap<number, EnvironmentRow>,
  suiteIds: readonly number[] | undefined,
): Promise<Summed[]> {
  return sql.all<Summed>(
    `SELECT build_id AS "buildId", suite_id AS "suiteId", env_id AS "envId", pass, fail, skip, unknown, runs, infrastructure
     FROM build_suite WHERE build_id IN ${LISTED[engine]} AND env_id IN ${LISTED[engine]}
     ${suiteIds ? `AND suite_id IN ${LISTED[engine]}` : ''}`,
    idList(builds.map(({ id }) => id)),
    idList(envs.keys()),
    ...(suiteIds ? [idList(suiteIds)] : []),
  );
}

type Cell = OnceRow & { runs: number };

type Place = { suiteId: number; deviceTypeId: number; sourceId: number };

function cellKey(buildId: number, { suiteId, deviceTypeId, sourceId }: Place): string {
  return `${buildId}/${suiteId}/${deviceTypeId}/${sourceId}`;
}

/** Public and other jobs of a lab are one cell. */
function toCells(rows: readonly Summed[], envs: ReadonlyMap<number, EnvironmentRow>): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const { envId, ...sums } of rows) {
    const env = envs.get(envId);
    if (!env) continue;
    const key = cellKey(sums.buildId, { ...env, suiteId: sums.suiteId });
    const cell = cells.get(key);
    if (!cell) cells.set(key, { ...env, ...sums });
    else for (const name of [...COUNTS, 'runs', 'infrastructure'] as const) cell[name] += sums[name];
  }
  return cells;
}

async function count(
  store: Store,
  runs: readonly BuildRun[],
  buildId: number,
  cells: ReadonlyMap<string, Cell>,
  verdict: RunVerdict,
): Promise<void> {
  const shapes = await unpackShapes(store.sql, [...new Set(runs.map(({ shapeId }) => shapeId))]);
  const shapeById = new Map(shapes.map((shape) => [shape.id, shape]));
  for (const ofSuite of Map.groupBy(runs, ({ suiteId }) => suiteId).values()) {
    const ids = new Set(ofSuite.map(({ shapeId }) => shapeId));
    const index = await indexShapes(
      store,
      [...ids].flatMap((id) => shapeById.get(id) ?? []),
    );
    await setImmediate();
    for (const [key, ofCell] of Map.groupBy(ofSuite, (run) => cellKey(buildId, run))) {
      const cell = cells.get(key);
      if (!cell) continue;
      const once = countOnce(index, ofCell, verdict);
      const each = countEach(ofCell);
      for (const name of COUNTS) cell[name] += once[name] - each[name];
    }
  }
}

function countEach(runs: readonly BuildRun[]): Counts {
  const counts: Counts = { pass: 0, fail: 0, skip: 0, unknown: 0 };
  for (const { size, verdicts } of runs) {
    counts.pass += size;
    eachNonPass(verdicts, (_, verdict) => {
      counts.pass -= 1;
      counts[keyOf(verdict)] += 1;
    });
  }
  return counts;
}
