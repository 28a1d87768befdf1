/** How many runs had a test: against these its flips are held. */
import { setImmediate } from 'node:timers/promises';
import type { Viewer } from '#schema/viewer.ts';
import { caseKey } from './codec.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import type { FlakyTestRow } from './flaky-test.ts';
import type { Days } from './flips.ts';
import { selectIn } from './many-rows.ts';
import { unpackShapes } from './read-shape.ts';
import type { Store } from './store.ts';

const DAY_SECONDS = 86_400;
/** Cases of shapes that are read for an answer; a name that a shape alone keeps costs as much as ten that have an id. */
const MAX_CASES = 5_000_000;
const LOOSE_COST = 10;
/** Shapes unpacked at a time. */
const AT_ONCE = 16;

/** In the order of the tests; null for those of a suite whose shapes are more than are read for an answer. */
export async function countFlakyRuns(
  store: Store,
  viewer: Viewer,
  scope: Scope,
  days: Days,
  tests: readonly FlakyTestRow[],
  maxCases = MAX_CASES,
): Promise<(number | null)[]> {
  const environments = await listEnvironments(store, viewer, scope);
  const counted = new Map<FlakyTestRow, number>();
  let left = maxCases;
  for (const [suiteId, ofSuite] of Map.groupBy(tests, (test) => test.suiteId)) {
    const envIds = environments.filter((row) => ofSuite.some((test) => isOf(test, row))).map(({ id }) => id);
    const runs = await runsByShape(store, suiteId, envIds, days);
    const shapeIds = [...new Set(runs.map(({ shapeId }) => shapeId))];
    const cost = await costOf(store, shapeIds);
    if (cost > left) continue;
    left -= cost;
    const members = await readMembers(store, shapeIds, ofSuite);
    for (const test of ofSuite) {
      const ids = new Set(environments.filter((row) => isOf(test, row)).map(({ id }) => id));
      const having = runs.filter(({ envId, shapeId }) => ids.has(envId) && members.get(shapeId)?.has(test.caseId));
      counted.set(
        test,
        having.reduce((n, { count }) => n + count, 0),
      );
    }
  }
  return tests.map((test) => counted.get(test) ?? null);
}

function isOf(test: FlakyTestRow, { deviceTypeId, sourceId }: EnvironmentRow): boolean {
  return test.deviceTypeId === deviceTypeId && (test.sourceId === null || test.sourceId === sourceId);
}

type ShapeRuns = { envId: number; shapeId: number; count: number };

/** Branches are found one by one: of the many there are few have runs of the suite. */
async function runsByShape(
  { sql }: Store,
  suiteId: number,
  envIds: readonly number[],
  { from, until }: Days,
): Promise<ShapeRuns[]> {
  const next = 'SELECT min(h.branch_id) FROM suite_history h WHERE h.suite_id = ?';
  return sql.all<ShapeRuns>(
    `WITH RECURSIVE stream (env_id, branch_id) AS (
       SELECT e.id, (${next} AND h.env_id = e.id) FROM env e WHERE e.id IN (${envIds.map(() => '?').join(', ')})
       UNION ALL
       SELECT s.env_id, (${next} AND h.env_id = s.env_id AND h.branch_id > s.branch_id) FROM stream s
       WHERE s.branch_id IS NOT NULL)
     SELECT h.env_id AS "envId", h.shape_id AS "shapeId", count(*) AS count FROM stream s CROSS JOIN suite_history h
     WHERE h.env_id = s.env_id AND h.suite_id = ? AND h.branch_id = s.branch_id AND h.at >= ? AND h.at < ? GROUP BY 1, 2`,
    ...[suiteId, ...envIds, suiteId, suiteId, from * DAY_SECONDS, until * DAY_SECONDS],
  );
}

async function costOf({ sql }: Store, shapeIds: readonly number[]): Promise<number> {
  const shapes = await selectIn<{ size: number; loose: number }>(
    sql,
    'SELECT size, loose FROM shape WHERE id',
    [],
    shapeIds,
  );
  return shapes.reduce((sum, { size, loose }) => sum + size + (LOOSE_COST - 1) * loose, 0);
}

/** Which of the tests each shape has. */
async function readMembers(
  { sql }: Store,
  shapeIds: readonly number[],
  tests: readonly FlakyTestRow[],
): Promise<Map<number, Set<number>>> {
  const wanted = new Set(tests.map(({ caseId }) => caseId));
  const byName = new Map(tests.map((test) => [caseKey(test), test.caseId]));
  const members = new Map<number, Set<number>>();
  for (let at = 0; at < shapeIds.length; at += AT_ONCE) {
    if (at > 0) await setImmediate();
    for (const { id, ids, looseNames } of await unpackShapes(sql, shapeIds.slice(at, at + AT_ONCE))) {
      const found = new Set<number>();
      for (const caseId of ids) if (wanted.has(caseId)) found.add(caseId);
      for (const name of looseNames()) {
        const caseId = byName.get(caseKey(name));
        if (caseId !== undefined) found.add(caseId);
      }
      members.set(id, found);
    }
  }
  return members;
}
