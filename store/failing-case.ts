/** Tests that failed in jobs, by name, each result of its own: what rules about tests are held against. */
import { eachNonPass, FAIL } from './codec.ts';
import { selectIn } from './many-rows.ts';
import { namesOf, unpackShapes } from './read-shape.ts';
import type { Sql, Store } from './store.ts';
import { NO_SHAPE } from './suite-run.ts';
import { fromStored } from './text.ts';

export type FailingCase = { suite: string; set: string | null; name: string };

type Run = { jobId: number; shapeId: number; verdicts: Buffer; suite: string };

/** By job; of jobs whose single results are deleted none, nor of suites that do not matter. Suites by their comparable names. */
export async function readFailingCases(
  store: Store,
  jobIds: readonly number[],
  matters: (suite: string) => boolean,
): Promise<Map<number, FailingCase[]>> {
  const rows = await selectIn<Run>(
    store.sql,
    `SELECT r.job_id AS "jobId", r.shape_id AS "shapeId", r.verdicts, s.name AS suite
     FROM job j JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id JOIN suite s ON s.id = r.suite_id
     WHERE r.is_steps = 0 AND r.fail > 0 AND r.shape_id <> ${NO_SHAPE} AND j.id`,
    [],
    jobIds,
  );
  const runs = rows.map((row) => ({ ...row, suite: fromStored(row.suite) })).filter(({ suite }) => matters(suite));
  const failing = await caseIdsOf(store.sql, runs);
  const names = await namesOf(store, [...new Set(failing.flatMap(({ ids }) => ids))]);
  const byJob = new Map<number, FailingCase[]>();
  for (const { jobId, suite, ids } of failing) {
    const cases = byJob.get(jobId) ?? [];
    for (const id of ids) {
      const name = names.get(id);
      if (!name) throw new Error(`test case ${id} is gone`);
      cases.push({ suite, ...name });
    }
    byJob.set(jobId, cases);
  }
  return byJob;
}

async function caseIdsOf(sql: Sql, runs: readonly Run[]): Promise<{ jobId: number; suite: string; ids: number[] }[]> {
  const shapes = await unpackShapes(sql, [...new Set(runs.map(({ shapeId }) => shapeId))]);
  const byId = new Map(shapes.map(({ id, ids }) => [id, ids]));
  return runs.map(({ jobId, suite, shapeId, verdicts }) => {
    const ids: number[] = [];
    eachNonPass(verdicts, (position, verdict) => {
      const id = byId.get(shapeId)?.[position];
      if (verdict === FAIL && id) ids.push(id);
    });
    return { jobId, suite, ids };
  });
}
