/** Known issues held against the jobs that were stored before them, from the newest down; each step is small, and can be the last. */

import {
  type Explainable,
  explainJob,
  fittingRules,
  IS_EXPLAINABLE,
  type Match,
  matchesOf,
  putMatch,
  readCasesFor,
  readHits,
  SELECT_EXPLAINABLE,
} from './explain-job.ts';
import { idList, LISTED } from './id-list.ts';
import type { StoredRule } from './issue-rules.ts';
import { searchStoredLog } from './search-log.ts';
import type { Sql } from './store.ts';
import type { Writer } from './writer.ts';

/** Numbers of jobs that one step goes down at most, jobs that failed among them, and logs that are read. */
const STEP = { numbers: 20_000, jobs: 200, logs: 20 };

/** An issue that has still to be held against jobs below `doneTo`. */
export type Pending = { id: number; revision: number; doneTo: number };

export async function listPending(sql: Sql): Promise<Pending[]> {
  return sql.all<Pending>(
    'SELECT id, revision, done_to AS "doneTo" FROM known_issue WHERE done_to IS NOT NULL ORDER BY id DESC',
  );
}

/** One step for the newest issue that is not done; false when all are but those whose rules cannot be run. */
export async function explainStored(writer: Writer, step = STEP): Promise<boolean> {
  const { store } = writer;
  if ((await listPending(store.sql)).length === 0) return false;
  const next = await writer.transaction(async () => {
    const rules = new Map((await writer.issues.current()).map((rule) => [rule.id, rule]));
    return (await listPending(store.sql)).flatMap((one) => {
      const rule = rules.get(one.id);
      return rule ? [{ pending: one, rule }] : [];
    })[0];
  });
  if (!next) return false;
  const { pending, rule } = next;
  const lowest = Math.max(0, pending.doneTo - step.numbers);
  const jobs = await store.sql.all<Explainable>(
    `${SELECT_EXPLAINABLE} WHERE j.id < ? AND j.id >= ? AND ${IS_EXPLAINABLE} ORDER BY j.id DESC LIMIT ${step.jobs}`,
    ...[pending.doneTo, lowest],
  );
  const { matches, lastId } = await findMatches(writer, rule, jobs, step.logs);
  const doneTo = lastId ?? (jobs.length < step.jobs ? lowest : (jobs.at(-1)?.id ?? lowest));
  await writer.transaction(async () => {
    // Of two ingesters one goes on.
    const isOurs = await store.sql.get(
      'UPDATE known_issue SET done_to = ? WHERE id = ? AND revision = ? AND done_to = ? RETURNING id',
      ...[doneTo === 0 ? null : doneTo, rule.id, rule.revision, pending.doneTo],
    );
    const looked = jobs.filter(({ id }) => id >= doneTo);
    if (isOurs) await putMatches(writer, rule.id, looked, matches);
  });
  return true;
}

/** By job. Logs are read outside the transaction: a long one holds up nobody. `lastId`: no further log was read than this job's. */
async function findMatches(
  { store }: Writer,
  rule: StoredRule,
  jobs: readonly Explainable[],
  mostLogs: number,
): Promise<{ matches: Map<number, Match>; lastId: number | null }> {
  const fitting = jobs
    .map((job) => ({ job, id: job.id, fitting: fittingRules([rule], job) }))
    .filter((one) => one.fitting.length > 0);
  const cases = await readCasesFor(store, fitting);
  const matches = new Map<number, Match>();
  let logs = 0;
  for (const { job } of fitting) {
    const of = cases.get(job.id) ?? [];
    if (matchesOf(job, [{ ...rule, log: null }], of, () => null).length === 0) continue;
    const findings = rule.log === null ? null : await searchStoredLog(store, job.logId, [rule]);
    const [match] = matchesOf(job, [rule], of, ({ id }) => findings?.get(id) ?? null);
    if (match) matches.set(job.id, match);
    if (rule.log !== null && ++logs === mostLogs) return { matches, lastId: job.id };
  }
  return { matches, lastId: null };
}

/** Call inside a transaction. A job that was written or hidden meanwhile is looked at as it is now. */
async function putMatches(
  writer: Writer,
  issueId: number,
  jobs: readonly Explainable[],
  matches: ReadonlyMap<number, Match>,
): Promise<void> {
  const { sql, engine } = writer.store;
  const now = await sql.all<Explainable>(
    `${SELECT_EXPLAINABLE} WHERE ${IS_EXPLAINABLE} AND j.id IN ${LISTED[engine]}`,
    idList(jobs.map(({ id }) => id)),
  );
  const byId = new Map(now.map((job) => [job.id, job]));
  for (const job of jobs) {
    if (JSON.stringify(byId.get(job.id)) !== JSON.stringify(job)) {
      await explainJob(writer, job.id, await readHits(sql, job.id));
      continue;
    }
    await sql.run('DELETE FROM known_issue_match WHERE job_id = ? AND issue_id = ?', job.id, issueId);
    const match = matches.get(job.id);
    if (match) await putMatch(sql, job, match);
  }
}

/** Whether the issue has been held against the job. */
export function isHeld(pending: readonly Pending[], issueId: number, jobId: number): boolean {
  const one = pending.find(({ id }) => id === issueId);
  return !one || jobId >= one.doneTo;
}
