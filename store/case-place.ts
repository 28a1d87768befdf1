/** What only a job's details tell of single results, found by where they are: job, suite in the job, position in the suite. */
import { setImmediate } from 'node:timers/promises';
import type { Viewer } from '#schema/viewer.ts';
import { InvalidInput } from './error.ts';
import { openDetails, openSingles } from './frame.ts';
import { getJobsById } from './job.ts';
import { readRunsOf, rowOf } from './job-cases.ts';
import { getJobHeads } from './job-head.ts';
import { selectIn } from './many-rows.ts';
import { createShapeReader, readNames } from './read-shape.ts';
import type { Store } from './store.ts';
import type { TestCaseRow } from './test-case.ts';

export type CasePlace = { jobId: number; ord: number; position: number };

const MAX_CASES = 400;
const MAX_MEASUREMENTS = 1_000;

/**
 * In the order of the places; null where the viewer may not see one.
 * @throws InvalidInput when they are too many.
 */
export async function getCasesAt(
  store: Store,
  viewer: Viewer,
  places: readonly CasePlace[],
): Promise<(TestCaseRow | null)[]> {
  if (places.length > MAX_CASES)
    throw new InvalidInput(`The test cases of ${places.length} results are asked for; ${MAX_CASES} are allowed.`);
  const jobs = await getJobHeads(store, viewer, [...new Set(places.map(({ jobId }) => jobId))]);
  const runs = await readRunsOf(store, jobs.values());
  const parts = places.map(({ jobId, ord, position }) => {
    const job = jobs.get(jobId);
    const run = runs.get(jobId)?.find((one) => one.ord === ord);
    return job && run && position < run.size ? { job, run, position, index: run.first + position } : null;
  });
  const found = parts.filter((part) => part !== null);
  const shapeOf = await createShapeReader(store.sql)(found.map(({ run }) => run));
  const nameAt = await readNames(
    store,
    found.map(({ run, position }) => ({ shape: shapeOf(run), positions: [position] })),
  );
  const pieceOf = await openSingles(store.sql, found);
  const cases: (TestCaseRow | null)[] = [];
  for (const part of parts) {
    if (!part) cases.push(null);
    else {
      const { job, run, position, index } = part;
      const shape = shapeOf(run);
      const verdict = run.verdicts()[position] ?? 3;
      cases.push(rowOf(job, run, position, verdict, shape, nameAt(shape, position), pieceOf(job, index)));
      await setImmediate();
    }
  }
  return cases;
}

export type Measurement = { measurement: string | null; unit: string | null };

/**
 * In the order of the places; null where the viewer may not see one.
 * @throws InvalidInput when they are too many.
 */
export async function getMeasurements(
  store: Store,
  viewer: Viewer,
  places: readonly CasePlace[],
): Promise<(Measurement | null)[]> {
  if (places.length > MAX_MEASUREMENTS)
    throw new InvalidInput(
      `The measurements of ${places.length} points are asked for; ${MAX_MEASUREMENTS} are allowed. Ask for fewer builds or a narrower scope.`,
    );
  const jobs = await getJobsById(store, viewer, [...new Set(places.map(({ jobId }) => jobId))]);
  const runs = await selectIn<{ jobId: number; ord: number; size: number }>(
    store.sql,
    `SELECT r.job_id AS "jobId", r.ord, r.pass + r.fail + r.skip + r.unknown AS size
     FROM job j JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id WHERE j.id`,
    [],
    [...jobs.keys()],
  );
  const runsOf = Map.groupBy(runs, ({ jobId }) => jobId);
  const found: (Measurement | null)[] = [];
  for (const { jobId, ord, position } of places) {
    const job = jobs.get(jobId);
    const before = (runsOf.get(jobId) ?? []).reduce((n, run) => (run.ord < ord ? n + run.size : n), 0);
    const index = before + position;
    const piece = job?.resultsRemovedAt === null ? await openDetails(store.sql, job).read(index, index, index) : null;
    found.push(piece && { measurement: piece.detail.measurement[0] ?? null, unit: piece.detail.unit[0] ?? null });
    await setImmediate();
  }
  return found;
}
