/** Test cases that failed, by the numbers their histories have them under. */
import type { Viewer } from '#schema/viewer.ts';
import type { CasePlace } from './case-place.ts';
import { readRunsOf } from './job-cases.ts';
import { getJobHeads } from './job-head.ts';
import { selectIn } from './many-rows.ts';
import { createShapeReader } from './read-shape.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';

/** In the order of the places; null where the viewer sees none, or the test has no history. */
export async function getCaseIds(
  store: Store,
  viewer: Viewer,
  places: readonly CasePlace[],
): Promise<(number | null)[]> {
  const jobs = await getJobHeads(store, viewer, [...new Set(places.map(({ jobId }) => jobId))]);
  const runs = await readRunsOf(store, jobs.values());
  const found = places.map(({ jobId, ord }) => runs.get(jobId)?.find((run) => run.ord === ord && !run.isSteps));
  const shapeOf = await createShapeReader(store.sql)(found.filter((run) => run !== undefined));
  return places.map(({ position }, i) => {
    const run = found[i];
    return (run && shapeOf(run).ids[position]) || null;
  });
}

export type SuiteCase = { suiteId: number; suite: string; set: string | null; test: string };

/** The names of each case, by its number. */
export async function getSuiteCases({ sql }: Store, caseIds: readonly number[]): Promise<Map<number, SuiteCase>> {
  const rows = await selectIn<SuiteCase & { id: number }>(
    sql,
    `SELECT c.id, c.suite_id AS "suiteId", s.name AS suite, c.set_name AS "set", c.name AS test
     FROM test_case c JOIN suite s ON s.id = c.suite_id WHERE c.id`,
    [],
    [...new Set(caseIds)],
  );
  return new Map(
    rows.map(({ id, suiteId, suite, set, test }) => [
      id,
      { suiteId, suite: fromStored(suite), set: set === null ? null : fromStored(set), test: fromStored(test) },
    ]),
  );
}
