/** The newest result of tests, each known by its number alone: many at once, over all jobs that may be seen. */
import type { Viewer } from '#schema/viewer.ts';
import { type CasePlace, getCasesAt } from './case-place.ts';
import { idList, LISTED } from './id-list.ts';
import { type JobHead, type JobSlice, listJobHeads } from './job-head.ts';
import type { Key } from './page.ts';
import { createShapeReader, type ReadShape, type ShapeKey } from './read-shape.ts';
import type { Store } from './store.ts';
import type { TestCaseRow } from './test-case.ts';
import { fromStored } from './text.ts';

/** So many of the newest jobs are looked at for all tests together: most are found in the first few. */
const SLICES = [100, 900, 9_000];
/** So many different lists of tests are read for them. */
const SHAPES = 500;
const SHAPES_AT_ONCE = 50;

type Test = { id: number; suiteId: number; name: string };
type Run = ShapeKey & { jobId: number; ord: number; suiteId: number };

/** By the numbers of the tests; without those that none of the runs has. */
export async function getNewestResults(
  store: Store,
  viewer: Viewer,
  testIds: readonly number[],
): Promise<Map<number, TestCaseRow>> {
  const places = await newestPlaces(store, viewer, testIds);
  const rows = await getCasesAt(store, viewer, [...places.values()]);
  return new Map([...places.keys()].flatMap((id, i) => (rows[i] ? [[id, rows[i]] as const] : [])));
}

async function newestPlaces(store: Store, viewer: Viewer, testIds: readonly number[]): Promise<Map<number, CasePlace>> {
  const tests = await store.sql.all<Test>(
    `SELECT id, suite_id AS "suiteId", name FROM test_case WHERE id IN ${LISTED[store.engine]}`,
    idList(testIds),
  );
  const open = new Set(tests.map((test) => ({ ...test, name: fromStored(test.name) })));
  const places = new Map<number, CasePlace>();
  const readShapes = createShapeReader(store.sql);
  const read = new Set<number>();
  for await (const runs of eachNewestRuns(store, viewer, open)) {
    // A shape that was read before has none of the tests that are still open.
    const fresh = runs.filter(({ shapeId }) => !read.has(shapeId));
    const ids = [...new Set(fresh.map(({ shapeId }) => shapeId))].slice(0, SHAPES - read.size);
    for (let at = 0; at < ids.length && open.size > 0; at += SHAPES_AT_ONCE) {
      const piece = new Set(ids.slice(at, at + SHAPES_AT_ONCE));
      const some = fresh.filter(({ shapeId }) => piece.has(shapeId));
      const shapeOf = await readShapes(some);
      for (const run of some) {
        if (read.has(run.shapeId)) continue;
        read.add(run.shapeId);
        for (const test of open) {
          const position = test.suiteId === run.suiteId ? positionOf(shapeOf(run), test) : -1;
          if (position < 0) continue;
          places.set(test.id, { jobId: run.jobId, ord: run.ord, position });
          open.delete(test);
        }
      }
    }
    if (open.size === 0 || read.size === SHAPES) break;
  }
  return places;
}

/** Runs of the suites of the tests that are open when they are read, newest first, slice by slice. */
async function* eachNewestRuns(store: Store, viewer: Viewer, open: ReadonlySet<Test>): AsyncGenerator<Run[]> {
  let after: Key | null = null;
  for (const limit of SLICES) {
    const page = { limit, after, before: null, backward: false };
    const { jobs }: JobSlice<JobHead> = await listJobHeads(store, viewer, { includeHealthChecks: true }, page);
    const order = new Map(jobs.map(({ id }, n) => [id, n]));
    const kept = jobs.filter(({ resultsRemovedAt }) => resultsRemovedAt === null);
    const runs = await store.sql.all<Run>(
      `SELECT r.job_id AS "jobId", r.ord, r.suite_id AS "suiteId", r.shape_id AS "shapeId", h.hash AS "shapeHash", h.size
       FROM job j JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id JOIN shape h ON h.id = r.shape_id
       WHERE j.id IN ${LISTED[store.engine]} AND r.suite_id IN ${LISTED[store.engine]}`,
      idList(kept.map(({ id }) => id)),
      idList(new Set([...open].map(({ suiteId }) => suiteId))),
    );
    const placeOf = ({ jobId }: Run) => order.get(jobId) ?? 0;
    yield runs.sort((a, b) => placeOf(a) - placeOf(b) || a.ord - b.ord);
    const last = jobs.at(-1);
    if (!last || jobs.length < limit) return;
    after = [last.submitAt, last.id];
  }
}

/** Whether a name has a number may be another job's doing: a run may have it as its shape's own. */
function positionOf({ ids, looseNames }: ReadShape, { id, name }: Test): number {
  const position = ids.indexOf(id);
  if (position >= 0) return position;
  for (const [at, loose] of looseNames) if (loose.name === name) return at;
  return -1;
}
