/** Failures that were stored before a group was split, or before that was undone, put where they belong: a small step at a time. */
import { parseFacts } from './failure-facts.ts';
import { idList, LISTED } from './id-list.ts';
import { mendJobs } from './rebuild-failures.ts';
import { type PendingSplit, readSplitState, type SplitPosition, saveSplitProgress } from './split-rules.ts';
import type { Sql } from './store.ts';
import { type FailedJob, SELECT_FAILED } from './write-failures.ts';
import type { Writer } from './writer.ts';

/** Failures of one step. */
const FAILURES = 200;

/** One step for the oldest change that is not applied; false when all are. */
export async function splitStored(writer: Writer, most = FAILURES): Promise<boolean> {
  const { sql, engine } = writer.store;
  if ((await readSplitState(sql)).pending.length === 0) return false;
  return writer.transaction(
    async () => {
      const [pending] = (await readSplitState(sql)).pending;
      if (!pending) return false;
      const { jobIds, next } = await nextFailures(sql, pending, most);
      const jobs = await sql.all<FailedJob & { facts: string | null }>(
        `SELECT q.*, f.facts FROM (${SELECT_FAILED} WHERE j.id IN ${LISTED[engine]}) q
         LEFT JOIN job_failure f ON f.job_id = q.id AND f.env_id = q."envId" ORDER BY q.id`,
        idList(jobIds),
      );
      await mendJobs(
        writer,
        jobs.map(({ facts, ...job }) => ({ job, facts: parseFacts(facts) })),
      );
      await saveSplitProgress(sql, pending, next);
      return true;
    },
    { alone: true },
  );
}

/** Of the group and its parts, in the order of their numbers. `next` is null after the last. */
async function nextFailures(
  sql: Sql,
  { fingerprint, lastId, after }: PendingSplit,
  most: number,
): Promise<{ jobIds: number[]; next: SplitPosition | null }> {
  const [from, ...place] = after;
  const group = await sql.get<{ id: number }>(
    `SELECT id FROM failure_group WHERE (fingerprint = ? OR fingerprint LIKE ?) AND id >= ? AND id <= ? ORDER BY id LIMIT 1`,
    ...[fingerprint, `${fingerprint}~%`, from, lastId],
  );
  if (!group) return { jobIds: [], next: null };
  const rows = await sql.all<{ envId: number; at: number; jobId: number }>(
    `SELECT env_id AS "envId", at, job_id AS "jobId" FROM failure_occurrence
     WHERE group_id = ? AND (env_id, at, job_id) > (?, ?, ?) ORDER BY env_id, at, job_id LIMIT ${most}`,
    ...[group.id, ...(group.id === from ? place : START)],
  );
  const last = rows.length < most ? undefined : rows.at(-1);
  return {
    jobIds: rows.map(({ jobId }) => jobId),
    next: last ? [group.id, last.envId, last.at, last.jobId] : [group.id + 1, ...START],
  };
}

const START = [0, Number.MIN_SAFE_INTEGER, 0] as const;
