/** The runs behind the sums of a build: what single tests say in each lab. */
import type { Viewer } from '#schema/viewer.ts';
import type { BuildRow } from './build.ts';
import { type CaseName, caseKey, eachNonPass, PASS, type Verdict, verdictOf, worseOf } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { environmentsById, type MatrixScope } from './matrix.ts';
import { createShapeReader, namesOf, type ReadShape, type ShapeKey } from './read-shape.ts';
import type { Store } from './store.ts';

export const FAIL = verdictOf('FAIL');

export type BuildRun = EnvironmentRow &
  ShapeKey & { suiteId: number; jobId: number; ord: number; verdicts: Uint8Array };

/**
 * Runs of suites in a build, oldest first, but for those whose results retention has deleted. Found by their histories:
 * the other suites of the build, and other builds, are not read.
 */
export async function listBuildRuns(
  store: Store,
  viewer: Viewer,
  { id, branchId }: Pick<BuildRow, 'id' | 'branchId'>,
  suiteIds: readonly number[],
  scope: MatrixScope,
): Promise<BuildRun[]> {
  const envs = await environmentsById(store, viewer, scope);
  type Row = Omit<BuildRun, keyof EnvironmentRow> & { envId: number };
  const rows = await store.sql.all<Row>(
    `SELECT h.suite_id AS "suiteId", h.env_id AS "envId", h.job_id AS "jobId", h.ord, h.shape_id AS "shapeId", s.hash AS "shapeHash", s.size, r.verdicts
     FROM build_suite b CROSS JOIN suite_history h CROSS JOIN job j CROSS JOIN suite_run r CROSS JOIN shape s
     WHERE b.build_id = ? AND b.suite_id IN ${LISTED[store.engine]} AND b.env_id IN ${LISTED[store.engine]}
       AND h.env_id = b.env_id AND h.suite_id = b.suite_id AND h.branch_id = ?
       AND h.at >= (SELECT min(submit_at) FROM job WHERE build_id = ?) / 1000000
       AND h.at <= (SELECT max(submit_at) FROM job WHERE build_id = ?) / 1000000
       AND j.id = h.job_id AND j.env_id = h.env_id AND j.build_id = b.build_id
       AND r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord AND s.id = h.shape_id
     ORDER BY j.submit_at, j.id, h.ord`,
    id,
    idList(suiteIds),
    idList(envs.keys()),
    branchId,
    id,
    id,
  );
  return rows.flatMap(({ envId, ...run }) => {
    const found = envs.get(envId);
    return found ? [{ ...run, ...found }] : [];
  });
}

export type ShapeOf = (key: ShapeKey) => ReadShape;

export function shapesOf({ sql }: Store, runs: readonly BuildRun[]): Promise<ShapeOf> {
  return createShapeReader(sql)(runs);
}

/** What the newest run with a case says of it; a name may occur more than once in a run: then the worst counts. */
export type Newest = Map<number, { result: Verdict; jobId: number }>;

/**
 * The cases that fail in one of the runs at least, as each lab (by its number) has them. The runs are of one suite and
 * one kind of board, oldest first.
 */
export async function verdictsByLab(
  store: Store,
  runs: readonly BuildRun[],
  shapeOf: ShapeOf,
): Promise<Map<number, Newest>> {
  const cases = failingCases(runs, shapeOf);
  const byLab = new Map<number, Newest>();
  if (cases.size === 0) return byLab;
  // A case that fails in one lab may be a name that only a shape keeps in another: there it passes.
  const isLoose = runs.some((run) => shapeOf(run).looseNames.size > 0);
  const names = isLoose ? await namesOf(store, [...cases]) : new Map<number, CaseName>();
  const held = new Map<number, number[]>();
  for (const run of runs) {
    const { sourceId, jobId, shapeId, verdicts } = run;
    const shape = shapeOf(run);
    const present = held.get(shapeId) ?? heldBy(shape, cases, names);
    held.set(shapeId, present);
    const worst = new Map<number, Verdict>();
    eachNonPass(verdicts, (position, verdict) => {
      const id = shape.ids[position] ?? 0;
      if (cases.has(id)) worst.set(id, worseOf(worst.get(id) ?? PASS, verdict));
    });
    const newest: Newest = byLab.get(sourceId) ?? new Map();
    for (const id of present) newest.set(id, { result: worst.get(id) ?? PASS, jobId });
    byLab.set(sourceId, newest);
  }
  return byLab;
}

function failingCases(runs: readonly BuildRun[], shapeOf: ShapeOf): Set<number> {
  const failing = new Set<number>();
  for (const run of runs) {
    const { ids } = shapeOf(run);
    eachNonPass(run.verdicts, (position, verdict) => {
      if (verdict === FAIL) failing.add(ids[position] ?? 0);
    });
  }
  return failing;
}

function heldBy(shape: ReadShape, cases: ReadonlySet<number>, names: ReadonlyMap<number, CaseName>): number[] {
  const held = new Set<number>();
  for (const id of shape.ids) if (cases.has(id)) held.add(id);
  if (shape.looseNames.size > 0) {
    const loose = new Set([...shape.looseNames.values()].map(caseKey));
    for (const [id, name] of names) if (cases.has(id) && loose.has(caseKey(name))) held.add(id);
  }
  return [...held];
}

/** Pass in one lab against fail in another; a skip disagrees with nobody. */
export function disagree(byLab: ReadonlyMap<number, Newest>): boolean {
  const labs = [...byLab.values()];
  for (const newest of labs) {
    for (const [id, { result }] of newest) {
      if (result === FAIL && labs.some((other) => other.get(id)?.result === PASS)) return true;
    }
  }
  return false;
}
