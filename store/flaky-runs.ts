/** How many runs had a test: against these its flips are held. */
import type { Viewer } from '#schema/viewer.ts';
import { caseKey } from './codec.ts';
import { listEnvironments, type Scope } from './environment.ts';
import type { FlakyTestRow } from './flaky-test.ts';
import type { Days } from './flips.ts';
import { selectIn } from './many-rows.ts';
import { unpackShape } from './shape-codec.ts';
import type { Store } from './store.ts';

const DAY_SECONDS = 86_400;

/** In the order of the tests. */
export async function countFlakyRuns(
  store: Store,
  viewer: Viewer,
  scope: Scope,
  days: Days,
  tests: readonly FlakyTestRow[],
): Promise<number[]> {
  const environments = await listEnvironments(store, viewer, scope);
  const counted = new Map<FlakyTestRow, number>();
  for (const [suiteId, ofSuite] of Map.groupBy(tests, (test) => test.suiteId)) {
    const isOf = (test: FlakyTestRow, { deviceTypeId, sourceId }: { deviceTypeId: number; sourceId: number }) =>
      test.deviceTypeId === deviceTypeId && (test.sourceId === null || test.sourceId === sourceId);
    const wanted = environments.filter((environment) => ofSuite.some((test) => isOf(test, environment)));
    const runs = await runsByShape(
      store,
      suiteId,
      wanted.map(({ id }) => id),
      days,
    );
    const shapes = await readMembers(store, [...new Set(runs.map(({ shapeId }) => shapeId))], ofSuite);
    for (const test of ofSuite) {
      const ids = new Set(wanted.filter((environment) => isOf(test, environment)).map(({ id }) => id));
      let n = 0;
      for (const { envId, shapeId, count } of runs) {
        if (ids.has(envId) && shapes.get(shapeId)?.has(test.caseId)) n += count;
      }
      counted.set(test, n);
    }
  }
  return tests.map((test) => counted.get(test) ?? 0);
}

type ShapeRuns = { envId: number; shapeId: number; count: number };

async function runsByShape(
  store: Store,
  suiteId: number,
  envIds: readonly number[],
  { from, until }: Days,
): Promise<ShapeRuns[]> {
  return store.sql.all<ShapeRuns>(
    `SELECT h.env_id AS "envId", h.shape_id AS "shapeId", count(*) AS count FROM env e CROSS JOIN branch b JOIN suite_history h
       ON h.env_id = e.id AND h.suite_id = ? AND h.branch_id = b.id AND h.at >= ? AND h.at < ?
     WHERE e.id IN (${envIds.map(() => '?').join(', ')}) GROUP BY 1, 2`,
    ...[suiteId, from * DAY_SECONDS, until * DAY_SECONDS, ...envIds],
  );
}

/** Which of the tests each shape has. */
async function readMembers(
  store: Store,
  shapeIds: readonly number[],
  tests: readonly FlakyTestRow[],
): Promise<Map<number, Set<number>>> {
  const wanted = new Set(tests.map(({ caseId }) => caseId));
  const byName = new Map(tests.map((test) => [caseKey(test), test.caseId]));
  const rows = await selectIn<{ id: number; size: number; cases: Buffer }>(
    store.sql,
    'SELECT id, size, cases FROM shape WHERE id',
    [],
    shapeIds,
  );
  return new Map(
    rows.map(({ id, size, cases }) => {
      const { ids, looseNames } = unpackShape(cases, size);
      const members = new Set<number>();
      for (const caseId of ids) if (wanted.has(caseId)) members.add(caseId);
      for (const name of looseNames()) {
        const caseId = byName.get(caseKey(name));
        if (caseId !== undefined) members.add(caseId);
      }
      return [id, members];
    }),
  );
}
