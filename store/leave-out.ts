/**
 * Results that people left out count as skipped, on every level: the verdict in the run is changed, and what follows from
 * it follows. What the master says lies in the omission, so that it can be undone, and so that nothing the master says
 * again undoes it.
 */
import type { Micros } from '#schema/records.ts';
import { packVerdicts, unpackVerdicts, type Verdict, verdictOf } from './codec.ts';
import { unpackExternalIds } from './detail.ts';
import { explainJob, readHits } from './explain-job.ts';
import { readFrames } from './frame.ts';
import type { Sql } from './store.ts';
import { addDerived, isTest, removeDerived, SELECT_JOB, type StoredJob } from './stored-job.ts';
import { type RunRow, readRuns } from './suite-run.ts';
import type { Writer } from './writer.ts';

const LEFT_OUT = verdictOf('SKIP');

export type CaseAt = { run: RunRow; position: number };

/** Where cases of tests lie in the runs of their job, by their numbers; those it has not are missing. */
export async function placesOf(
  sql: Sql,
  job: StoredJob,
  runs: readonly RunRow[],
  wanted: ReadonlySet<number>,
): Promise<Map<number, CaseAt>> {
  const places = new Map<number, CaseAt>();
  if (wanted.size === 0 || job.resultsRemovedAt !== null) return places;
  for (const { first, codec, body } of await readFrames(sql, job)) {
    for (const [i, number] of unpackExternalIds(codec, body).entries()) {
      if (number === null || !wanted.has(number)) continue;
      const at = placeAt(runs, first + i);
      if (at && isTest(at.run)) places.set(number, at);
    }
  }
  return places;
}

function placeAt(runs: readonly RunRow[], index: number): CaseAt | null {
  let first = 0;
  for (const run of runs) {
    const size = sizeOf(run);
    if (index < first + size) return { run, position: index - first };
    first += size;
  }
  return null;
}

const sizeOf = ({ pass, fail, skip, unknown }: RunRow): number => pass + fail + skip + unknown;

/** Call inside a transaction, with the verdicts that cases are to have from here on. */
export async function changeVerdicts(
  writer: Writer,
  job: StoredJob,
  runs: readonly RunRow[],
  changes: readonly (CaseAt & { verdict: Verdict })[],
  at: Micros,
): Promise<void> {
  const { sql } = writer.store;
  const byRun = Map.groupBy(changes, ({ run }) => run);
  const after = runs.map((run) => {
    const changed = byRun.get(run);
    if (!changed) return run;
    const verdicts = unpackVerdicts(run.verdicts, sizeOf(run));
    for (const { position, verdict } of changed) verdicts[position] = verdict;
    const { bytes, counts } = packVerdicts(verdicts);
    return { ...run, ...counts, verdicts: bytes };
  });
  for (const [{ shapeId }, changed] of byRun)
    await writer.shapes.settleAt(
      shapeId,
      changed.map(({ position }) => position),
    );
  await removeDerived(writer, job, runs.filter(isTest));
  for (const { envId, jobId, ord, pass, fail, skip, unknown, verdicts } of after.filter((run) => !runs.includes(run)))
    await sql.run(
      'UPDATE suite_run SET pass = ?, fail = ?, skip = ?, unknown = ?, verdicts = ? WHERE env_id = ? AND job_id = ? AND ord = ?',
      ...[pass, fail, skip, unknown, verdicts, envId, jobId, ord],
    );
  const tests = after.filter(isTest);
  const total = (key: 'pass' | 'fail' | 'skip' | 'unknown') => tests.reduce((sum, run) => sum + run[key], 0);
  const counts = { pass: total('pass'), fail: total('fail'), skip: total('skip'), unknown: total('unknown') };
  await sql.run(
    'UPDATE job SET pass = ?, fail = ?, skip = ?, unknown = ?, changed_at = ?, revision = revision + 1 WHERE id = ?',
    ...Object.values(counts),
    ...[at, job.id],
  );
  await addDerived(writer, { ...job, ...counts }, tests);
  await explainJob(writer, job.id, await readHits(sql, job.id));
}

/** Call inside the transaction that has written anew what the master says of a job: what was left out of it stays so. */
export async function leaveOutAgain(writer: Writer, jobId: number, at: Micros): Promise<void> {
  const { sql } = writer.store;
  const rows = await sql.all<{ caseId: number }>('SELECT case_id AS "caseId" FROM omission WHERE job_id = ?', jobId);
  if (rows.length === 0) return;
  const job = await sql.get<StoredJob>(`${SELECT_JOB} WHERE id = ?`, jobId);
  if (job) await leaveOut(writer, job, new Set(rows.map(({ caseId }) => caseId)), at);
}

/** The cases count as skipped from here on. Gives what each counted as, by its number; those it has not are missing. */
export async function leaveOut(
  writer: Writer,
  job: StoredJob,
  caseIds: ReadonlySet<number>,
  at: Micros,
): Promise<Map<number, Verdict>> {
  const { sql } = writer.store;
  const runs = await readRuns(sql, job.envId, job.id);
  const places = await placesOf(sql, job, runs, caseIds);
  const verdicts = new Map<RunRow, Uint8Array>();
  const said = new Map<number, Verdict>();
  for (const [caseId, { run, position }] of places) {
    const all = verdicts.get(run) ?? unpackVerdicts(run.verdicts, sizeOf(run));
    verdicts.set(run, all);
    said.set(caseId, all[position] ?? LEFT_OUT);
  }
  for (const [caseId, verdict] of said)
    await sql.run('UPDATE omission SET result = ? WHERE job_id = ? AND case_id = ?', verdict, job.id, caseId);
  await changeVerdicts(
    writer,
    job,
    runs,
    [...places.values()].map((place) => ({ ...place, verdict: LEFT_OUT })),
    at,
  );
  return said;
}
