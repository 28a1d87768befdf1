/** The runs of two builds side by side, and what one side has and the other has not. */
import type { Counts } from './codec.ts';
import type { EnvironmentRow, Scope } from './environment.ts';
import { selectIn } from './many-rows.ts';
import { compareKeys, type Key } from './page.ts';
import type { Store } from './store.ts';
import { NO_SHAPE } from './suite-run.ts';
import { fromStored, toStored } from './text.ts';

/** `suite` narrows a comparison to one, named without the job's index. */
export type ComparisonScope = Scope & { suite?: string | null };

/** A build, or what one source, or one device type, has of it; or a single job. */
export type Side = BuildSide | { jobId: number };
type BuildSide = { buildId: number; source?: string | null; deviceType?: string | null };

export type SideRun = Counts & {
  suiteId: number;
  suite: string;
  environment: EnvironmentRow;
  jobId: number;
  ord: number;
  shapeId: number;
  verdicts: Buffer;
};

/** Runs of a suite on a device type, newest first. Where device types are compared, it is the target's. */
export type Pairing = { suiteId: number; suite: string; deviceType: string; base: SideRun[]; target: SideRun[] };

/** A suite on a device type that a source ran for one side only. */
export type CoverageDifferenceRow = Counts & {
  suite: string;
  deviceType: string;
  sourceId: number;
  slug: string;
  /** The side it ran for. */
  side: 'BASE' | 'TARGET';
  /** Jobs of the other side that were to run it and failed by the lab's fault. */
  infrastructureFailures: number;
  /** Its results are compared all the same, with those of other sources. */
  compared: boolean;
};

const FAR = Number.MAX_SAFE_INTEGER;

/**
 * Of the sources of a suite and device type those that ran it for both sides are compared; without such a source, or
 * where a side is one source's or one job, all are. Where sides name their device types, or are jobs, these are compared
 * with each other. Results that retention has deleted count as not run.
 */
export async function pairRuns(
  store: Store,
  environments: readonly EnvironmentRow[],
  base: Side,
  target: Side,
  scope: ComparisonScope,
): Promise<{ pairings: Pairing[]; differences: CoverageDifferenceRow[] }> {
  const acrossTypes = typeOf(base) !== null && typeOf(target) !== null;
  const cells = new Map<string, Pairing>();
  for (const [name, side] of [['base', base] as const, ['target', target] as const]) {
    for (const run of await readRuns(store, environments, side, scope)) {
      const { suiteId, suite, environment } = run;
      const key = acrossTypes ? String(suiteId) : `${suiteId}/${environment.deviceTypeId}`;
      const cell = cells.get(key) ?? { suiteId, suite, deviceType: environment.deviceType, base: [], target: [] };
      if (name === 'target') cell.deviceType = environment.deviceType;
      cell[name].push(run);
      cells.set(key, cell);
    }
  }
  const bySource = isOfAllSources(base) && isOfAllSources(target);
  const lost = { base: await readLost(store, target, environments), target: await readLost(store, base, environments) };
  const pairings: Pairing[] = [];
  const differences: CoverageDifferenceRow[] = [];
  for (const cell of cells.values()) {
    const both = cell.base.length > 0 && cell.target.length > 0;
    const common = bySource ? commonSources(cell) : new Set<number>();
    if (both) pairings.push(common.size > 0 ? narrow(cell, common) : cell);
    for (const side of ['base', 'target'] as const) {
      const other = side === 'base' ? cell.target : cell.base;
      // Where sources stand for each other, only what nobody ran is missing.
      if (!bySource && other.length > 0) continue;
      for (const [sourceId, runs] of Map.groupBy(cell[side], sourceOf)) {
        if (common.has(sourceId)) continue;
        const { suite, suiteId } = cell;
        const deviceType = runs[0]?.environment.deviceType ?? '';
        const lostType = acrossTypes ? (typeOf(side === 'base' ? target : base) ?? deviceType) : deviceType;
        const infrastructureFailures = lost[side].get(`${suiteId}/${lostType}/${sourceId}`) ?? 0;
        const compared = both && common.size === 0;
        const slug = runs[0]?.environment.slug ?? '';
        const where = { suite, deviceType, sourceId, slug, side: side === 'base' ? 'BASE' : 'TARGET' } as const;
        differences.push({ ...where, ...sumCounts(runs), infrastructureFailures, compared });
      }
    }
  }
  differences.sort((a, b) => compareKeys(differenceKey(a), differenceKey(b)));
  return { pairings, differences };
}

/** The device type that a side is of by its name; a job has one whatever its name is. */
export function typeOf(side: Side): string | null {
  return 'jobId' in side ? '' : (side.deviceType ?? null);
}

export function isOfAllSources(side: Side): boolean {
  return !('jobId' in side) && side.source == null;
}

function differenceKey({ suite, deviceType, slug, side }: CoverageDifferenceRow): Key {
  return [suite, deviceType, slug, side];
}

export function sourceOf(run: SideRun): number {
  return run.environment.sourceId;
}

function commonSources({ base, target }: Pairing): Set<number> {
  const inTarget = new Set(target.map(sourceOf));
  return new Set(base.map(sourceOf).filter((id) => inTarget.has(id)));
}

function narrow({ base, target, ...cell }: Pairing, sources: ReadonlySet<number>): Pairing {
  const isOf = (run: SideRun) => sources.has(sourceOf(run));
  return { ...cell, base: base.filter(isOf), target: target.filter(isOf) };
}

export function sumCounts(runs: readonly Counts[]): Counts {
  const total = { pass: 0, fail: 0, skip: 0, unknown: 0 };
  for (const run of runs) for (const key of ['pass', 'fail', 'skip', 'unknown'] as const) total[key] += run[key];
  return total;
}

type Row = Omit<SideRun, 'suite' | 'environment'> & { envId: number };

/** Runs that are tests, newest first. */
export async function readRuns(
  store: Store,
  all: readonly EnvironmentRow[],
  side: Side,
  { since, until, includeHealthChecks, suite }: ComparisonScope,
): Promise<SideRun[]> {
  const isJob = 'jobId' in side;
  const [column, id] = isJob ? ['id', side.jobId] : ['build_id', side.buildId];
  const { source, deviceType } = isJob ? { source: null, deviceType: null } : side;
  const environments = new Map(
    all
      .filter((row) => (source == null || row.slug === source) && (deviceType == null || row.deviceType === deviceType))
      .map((row) => [row.id, row]),
  );
  if (environments.size === 0) return [];
  const rows = await store.sql.all<Row>(
    `SELECT r.suite_id AS "suiteId", r.env_id AS "envId", r.job_id AS "jobId", r.ord, r.shape_id AS "shapeId", r.verdicts,
       r.pass, r.fail, r.skip, r.unknown
     FROM job j JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id
     WHERE j.${column} = ? AND j.env_id IN (${[...environments].map(() => '?').join(', ')}) AND j.submit_at >= ? AND j.submit_at < ?
       AND (j.health_check = 0 OR ? = 1) AND r.is_steps = 0 AND r.shape_id <> ${NO_SHAPE}
       AND r.pass + r.fail + r.skip + r.unknown > 0 ${suite == null ? '' : 'AND r.suite_id = (SELECT id FROM suite WHERE name = ?)'}
     ORDER BY j.submit_at DESC, j.number DESC, j.id DESC, r.ord DESC`,
    ...[
      id,
      ...environments.keys(),
      since ?? -FAR,
      until ?? FAR,
      includeHealthChecks || isJob ? 1 : 0,
      ...(suite == null ? [] : [toStored(suite)]),
    ],
  );
  const suites = await selectIn<{ id: number; name: string }>(
    store.sql,
    'SELECT id, name FROM suite WHERE id',
    [],
    [...new Set(rows.map(({ suiteId }) => suiteId))],
  );
  const names = new Map(suites.map(({ id, name }) => [id, fromStored(name)]));
  return rows.flatMap(({ envId, ...run }) => {
    const [environment, suite] = [environments.get(envId), names.get(run.suiteId)];
    return environment && suite !== undefined ? [{ ...run, environment, suite }] : [];
  });
}

/** Jobs that were to run a suite and failed by the lab's fault, by suite, device type and source. */
export async function readLost(
  store: Store,
  side: Side,
  environments: readonly EnvironmentRow[],
): Promise<Map<string, number>> {
  if ('jobId' in side) return new Map();
  const byId = new Map(environments.map((row) => [row.id, row]));
  const rows = await store.sql.all<{ suiteId: number; envId: number; jobs: number }>(
    `SELECT suite_id AS "suiteId", env_id AS "envId", infrastructure AS jobs FROM build_suite
     WHERE build_id = ? AND infrastructure > 0`,
    side.buildId,
  );
  const lost = new Map<string, number>();
  for (const { suiteId, envId, jobs } of rows) {
    const environment = byId.get(envId);
    if (!environment) continue;
    const key = `${suiteId}/${environment.deviceType}/${environment.sourceId}`;
    lost.set(key, (lost.get(key) ?? 0) + jobs);
  }
  return lost;
}
