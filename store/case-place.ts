/** What only a job's details tell of single results, found by where they are: job, suite in the job, position in the suite. */
import { setImmediate } from 'node:timers/promises';
import type { Viewer } from '#schema/viewer.ts';
import { InvalidInput } from './error.ts';
import { openDetails } from './frame.ts';
import { getJobsById } from './job.ts';
import { selectIn } from './many-rows.ts';
import type { Store } from './store.ts';
import { listJobCases, type TestCaseRow } from './test-case.ts';

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
  const cases: (TestCaseRow | null)[] = [];
  for (const { jobId, ord, position } of places) {
    const one = { limit: 1, after: [ord, position - 1], before: [ord, position + 1], backward: false };
    cases.push((await listJobCases(store, viewer, jobId, {}, one)).rows[0] ?? null);
    await setImmediate();
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
