/** What people leave out of the results, why, and back again. */
import { type Micros, TestResult } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import { getJobsById } from './job.ts';
import { changeVerdicts, leaveOut, placesOf } from './leave-out.ts';
import { insertRows, selectIn } from './many-rows.ts';
import type { Store } from './store.ts';
import { SELECT_JOB, type StoredJob } from './stored-job.ts';
import { readRuns } from './suite-run.ts';
import { fromStored, toStored } from './text.ts';
import { triagerOf } from './visibility.ts';
import { createWriter, type Writer } from './writer.ts';

export type Omission = { caseId: number; result: TestResult; reason: string; at: Micros; login: string };

/** Of a job: more than that is a job that says nothing, and not results of it. */
const MOST = 1_000;

const OF_JOB = 'SELECT job_id AS "jobId", case_id AS "caseId", result, reason, at, login FROM omission WHERE job_id';

type Row = Omit<Omission, 'result'> & { jobId: number; result: number };

/** By job, of those that the viewer may see; in the order of their numbers on the master. */
export async function getOmissions(
  store: Store,
  viewer: Viewer,
  jobIds: readonly number[],
): Promise<Map<number, Omission[]>> {
  const rows = await selectIn<Row>(store.sql, OF_JOB, [], jobIds);
  if (rows.length === 0) return new Map();
  const seen = await getJobsById(store, viewer, [...new Set(rows.map(({ jobId }) => jobId))]);
  return Map.groupBy(
    rows
      .filter(({ jobId }) => seen.has(jobId))
      .toSorted((a, b) => a.caseId - b.caseId)
      .map(unpacked),
    ({ jobId }) => jobId,
  );
}

function unpacked({ result, reason, login, ...row }: Row): Omission & { jobId: number } {
  const said = TestResult.options[result] ?? 'UNKNOWN';
  return { ...row, result: said, reason: fromStored(reason), login: fromStored(login) };
}

/**
 * They count as skipped from here on, everywhere, until they are taken back. Those that are left out already stay as they are.
 * @throws Forbidden
 * @throws NotFound when the job or one of the cases is not there or may not be seen.
 * @throws Conflict when the results cannot be told apart any more, or are too many.
 */
export async function omitResults(
  store: Store,
  viewer: Viewer,
  jobId: number,
  caseIds: readonly number[],
  reason: string,
  at: Micros,
): Promise<void> {
  const login = triagerOf(viewer);
  await changeJob(store, viewer, jobId, async (writer, job, before) => {
    const { sql } = store;
    const wanted = new Set(caseIds.filter((id) => !before.has(id)));
    if (wanted.size === 0) return;
    if (before.size + wanted.size > MOST)
      throw new Conflict(`At most ${MOST} results of a job can be left out: ${before.size} are.`);
    await insertRows(
      sql,
      'INSERT INTO omission (job_id, case_id, result, reason, at, login)',
      [...wanted].map((id) => [jobId, id, 0, toStored(reason), at, toStored(login)]),
    );
    const said = await leaveOut(writer, job, wanted, at);
    const missing = [...wanted].find((id) => !said.has(id));
    if (missing !== undefined) throw new NotFound(`The job has no test result ${missing}.`);
    const { slug, externalId } = await nameOf(store, viewer, jobId);
    await recordEvent(sql, {
      ...{ at, actor: login, action: 'result.omit', target: `${slug}/${externalId}` },
      ...{ before: null, after: { results: [...wanted], reason } },
    });
  });
}

/**
 * They count again as what the master says. Those that are not left out stay as they are.
 * @throws Forbidden
 * @throws NotFound when the job is not there or may not be seen.
 * @throws Conflict when retention has deleted the single results meanwhile.
 */
export async function restoreResults(
  store: Store,
  viewer: Viewer,
  jobId: number,
  caseIds: readonly number[],
  at: Micros,
): Promise<void> {
  const login = triagerOf(viewer);
  await changeJob(store, viewer, jobId, async (writer, job, before) => {
    const { sql } = store;
    const wanted = new Set(caseIds.filter((id) => before.has(id)));
    if (wanted.size === 0) return;
    const runs = await readRuns(sql, job.envId, job.id);
    const places = await placesOf(sql, job, runs, wanted);
    for (const id of wanted) await sql.run('DELETE FROM omission WHERE job_id = ? AND case_id = ?', jobId, id);
    const changes = [...places].map(([id, place]) => ({ ...place, verdict: before.get(id)?.result ?? 0 }));
    await changeVerdicts(writer, job, runs, changes, at);
    const { slug, externalId } = await nameOf(store, viewer, jobId);
    const reasons = new Set([...wanted].map((id) => fromStored(before.get(id)?.reason ?? '')));
    await recordEvent(sql, {
      ...{ at, actor: login, action: 'result.restore', target: `${slug}/${externalId}` },
      ...{ before: { results: [...wanted], reasons: [...reasons] }, after: null },
    });
  });
}

async function nameOf(store: Store, viewer: Viewer, jobId: number) {
  const job = (await getJobsById(store, viewer, [jobId])).get(jobId);
  if (!job) throw new NotFound('There is no such job.');
  return job;
}

/** The job as it is stored, with what is left out of it, in one transaction. */
async function changeJob(
  store: Store,
  viewer: Viewer,
  jobId: number,
  work: (writer: Writer, job: StoredJob, before: ReadonlyMap<number, Row>) => Promise<void>,
): Promise<void> {
  await nameOf(store, viewer, jobId);
  // Rules place jobs in builds, and no job moves here.
  const writer = createWriter(store, []);
  const change = async () => {
    const job = await store.sql.get<StoredJob>(`${SELECT_JOB} WHERE id = ?`, jobId);
    if (!job) throw new NotFound('There is no such job.');
    if (job.resultsRemovedAt !== null)
      throw new Conflict('Retention has deleted the single results of this job: its sums stay as they are.');
    const rows = await store.sql.all<Row>(`${OF_JOB} = ?`, jobId);
    await work(writer, job, new Map(rows.map((row) => [row.caseId, row])));
  };
  // Whoever writes the job anew meanwhile would change it from what neither of the two has left.
  await writer.transaction(change, { alone: true });
}
