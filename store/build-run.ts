/** The runs behind the sums of a build: what single tests say in each lab. */
import { type RunVerdict, speakingRun } from '#analysis/run-verdict.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { BuildRow } from './build.ts';
import { badnessOf, type CaseName, caseKey, eachNonPass, FAIL, PASS, type Verdict, worseOf } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { environmentsById, type MatrixScope } from './matrix.ts';
import { createShapeReader, namesOf, type ReadShape, type ShapeKey } from './read-shape.ts';
import type { Store, Value } from './store.ts';

export type BuildRun = EnvironmentRow &
  ShapeKey & { suiteId: number; jobId: number; ord: number; verdicts: Uint8Array };

/**
 * Runs of suites in a build, oldest first, but for those whose results retention has deleted. Found by their histories:
 * the other suites of the build, and other builds, are not read.
 */
export async function listBuildRuns(
  store: Store,
  viewer: Viewer,
  build: Pick<BuildRow, 'id' | 'branchId'>,
  suiteIds: readonly number[],
  scope: MatrixScope,
): Promise<BuildRun[]> {
  const envs = await environmentsById(store, viewer, scope);
  const found = `build_suite b WHERE b.build_id = ? AND b.suite_id IN ${LISTED[store.engine]} AND b.env_id IN ${LISTED[store.engine]}`;
  return readRuns(store, build, envs, found, [build.id, idList(suiteIds), idList(envs.keys())]);
}

/** The same on the kinds of board on which a suite fails. */
export async function listFailingRuns(
  store: Store,
  viewer: Viewer,
  build: Pick<BuildRow, 'id' | 'branchId'>,
  suiteIds: readonly number[],
  scope: MatrixScope,
): Promise<BuildRun[]> {
  const { engine } = store;
  const envs = await environmentsById(store, viewer, scope);
  const found = `(
    SELECT DISTINCT b.suite_id, e.device_type_id FROM build_suite b JOIN env e ON e.id = b.env_id
    WHERE b.build_id = ? AND b.suite_id IN ${LISTED[engine]} AND b.env_id IN ${LISTED[engine]} AND b.fail > 0) g
    CROSS JOIN env e CROSS JOIN build_suite b
    WHERE e.device_type_id = g.device_type_id AND e.id IN ${LISTED[engine]}
      AND b.build_id = ? AND b.suite_id = g.suite_id AND b.env_id = e.id`;
  const ids = idList(envs.keys());
  return readRuns(store, build, envs, found, [build.id, idList(suiteIds), ids, ids, build.id]);
}

/** The same where a lab ran a suite more than once on a kind of board. */
export async function listRepeatedRuns(
  store: Store,
  build: Pick<BuildRow, 'id' | 'branchId'>,
  suiteIds: readonly number[],
  envs: ReadonlyMap<number, EnvironmentRow>,
): Promise<BuildRun[]> {
  const { engine } = store;
  const found = `(
    SELECT b.suite_id, e.device_type_id, e.source_id FROM build_suite b JOIN env e ON e.id = b.env_id
    WHERE b.build_id = ? AND b.suite_id IN ${LISTED[engine]} AND b.env_id IN ${LISTED[engine]}
    GROUP BY b.suite_id, e.device_type_id, e.source_id HAVING sum(b.runs) > 1) g
    CROSS JOIN env e CROSS JOIN build_suite b
    WHERE e.device_type_id = g.device_type_id AND e.source_id = g.source_id AND e.id IN ${LISTED[engine]}
      AND b.build_id = ? AND b.suite_id = g.suite_id AND b.env_id = e.id`;
  const ids = idList(envs.keys());
  return readRuns(store, build, envs, found, [build.id, idList(suiteIds), ids, ids, build.id]);
}

/** `found`: sums of the build, called b, whose runs are wanted. */
async function readRuns(
  store: Store,
  { id, branchId }: Pick<BuildRow, 'id' | 'branchId'>,
  envs: ReadonlyMap<number, EnvironmentRow>,
  found: string,
  values: readonly Value[],
): Promise<BuildRun[]> {
  type Row = Omit<BuildRun, keyof EnvironmentRow> & { envId: number };
  const rows = await store.sql.all<Row>(
    `SELECT h.suite_id AS "suiteId", h.env_id AS "envId", h.job_id AS "jobId", h.ord, h.shape_id AS "shapeId", s.hash AS "shapeHash", s.size, r.verdicts
     FROM (SELECT b.build_id, b.suite_id, b.env_id FROM ${found}) b
     CROSS JOIN suite_history h CROSS JOIN job j CROSS JOIN suite_run r CROSS JOIN shape s
     WHERE h.env_id = b.env_id AND h.suite_id = b.suite_id AND h.branch_id = ?
       AND h.at >= (SELECT min(submit_at) FROM job WHERE build_id = ?) / 1000000
       AND h.at <= (SELECT max(submit_at) FROM job WHERE build_id = ?) / 1000000
       AND j.id = h.job_id AND j.env_id = h.env_id AND j.build_id = b.build_id
       AND r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord AND s.id = h.shape_id
     ORDER BY j.submit_at, j.id, h.ord`,
    ...values,
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

/** What a run says of a case; a name may occur more than once in it: then the worst counts. */
type Said = { result: Verdict; jobId: number };
/** What the run that speaks for each case says of it. */
export type SaidByCase = Map<number, Said>;

/**
 * The cases that fail in one of the runs at least, as each lab (by its number) has them: as its newest run with the case
 * unless another is to speak. The runs are of one suite and one kind of board, oldest first.
 */
export async function verdictsByLab(
  store: Store,
  runs: readonly BuildRun[],
  shapeOf: ShapeOf,
  verdict: RunVerdict = 'LAST',
): Promise<Map<number, SaidByCase>> {
  const cases = failingCases(runs, shapeOf);
  const byLab = new Map<number, Map<number, Said[]>>();
  if (cases.size === 0) return new Map();
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
    const byCase = byLab.get(sourceId) ?? new Map<number, Said[]>();
    for (const id of present) {
      const said = { result: worst.get(id) ?? PASS, jobId };
      const before = byCase.get(id);
      if (before && verdict !== 'LAST') before.push(said);
      else byCase.set(id, [said]);
    }
    byLab.set(sourceId, byCase);
  }
  return new Map([...byLab].map(([sourceId, byCase]) => [sourceId, speakersOf(byCase, verdict)]));
}

function speakersOf(byCase: ReadonlyMap<number, Said[]>, verdict: RunVerdict): SaidByCase {
  return new Map(
    [...byCase].flatMap(([id, all]) => {
      const badness = all.map(({ result }) => badnessOf(result));
      const said = all[speakingRun(badness, verdict)];
      return said ? [[id, said]] : [];
    }),
  );
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
export function disagree(byLab: ReadonlyMap<number, SaidByCase>): boolean {
  const labs = [...byLab.values()];
  for (const said of labs) {
    for (const [id, { result }] of said) {
      if (result === FAIL && labs.some((other) => other.get(id)?.result === PASS)) return true;
    }
  }
  return false;
}
