/** Audits of sources, as the ingester makes them. */
import { JobHealth, JobState, type Micros, type Remarks } from '#schema/records.ts';
import type { AuditView } from '#schema/tables.ts';
import {
  type AuditDays,
  type AuditFindings,
  type AuditMemory,
  type AuditNotes,
  auditKey,
  DAY_COUNTS,
  notesKey,
} from './audit-memory.ts';
import { insertRows } from './many-rows.ts';
import { saveState } from './state.ts';
import { fromStored, toStored } from './text.ts';
import type { SourceKey } from './write-job.ts';
import type { Writer } from './writer.ts';

/** Over all jobs, and over the public ones alone. */
export type AuditResult = AuditFindings & { publicView: AuditFindings };

/** Call inside a transaction. */
export async function saveAudit(
  writer: Writer,
  sourceId: number,
  result: AuditResult,
  days: AuditDays,
  at: Micros,
): Promise<void> {
  const { sql } = writer.store;
  const { publicView, ...all } = result;
  const [view, notes] = viewAndNotes(all);
  const [seenByAll, publicNotes] = viewAndNotes(publicView);
  await sql.run('DELETE FROM audit WHERE source_id = ?', sourceId);
  await sql.run(
    `INSERT INTO audit (source_id, checked_at, source_count, store_count, missing, changed, gone_at_source, public_view)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    sourceId,
    at,
    view.sourceCount,
    view.storeCount,
    JSON.stringify(view.missing),
    JSON.stringify(view.changed),
    view.goneAtSource,
    JSON.stringify(seenByAll),
  );
  await saveState(sql, notesKey(sourceId), { all: notes, public: publicNotes });
  await sql.run('DELETE FROM audit_day WHERE source_id = ?', sourceId);
  const rows = Object.entries(days).map(([key, tally]) => {
    const [day = 0, isPublic = 0] = key.split(' ').map(Number);
    return [sourceId, day, isPublic, tally.checkedAt, ...DAY_COUNTS.map((name) => tally[name] ?? 0)];
  });
  await insertRows(
    sql,
    `INSERT INTO audit_day (source_id, day, is_public, checked_at, source_count, store_count, missing, changed, repaired,
       gone, deleted, hidden)`,
    rows,
  );
}

function viewAndNotes(found: AuditFindings): [AuditView, AuditNotes] {
  const { alarm, repaired, sampled, altered, deleted, ...view } = found;
  return [view, { alarm, repaired, sampled, altered, deleted }];
}

/** Call inside a transaction. */
export async function saveAuditMemory(writer: Writer, sourceId: number, memory: AuditMemory): Promise<void> {
  await saveState(writer.store.sql, auditKey(sourceId), memory);
}

export type JobFate = { state: JobState; health: JobHealth; endAt: Micros | null; isPublic: boolean };

export type StoredFate = JobFate & {
  remarks: Remarks;
  submitAt: Micros;
  settled: boolean;
  changedAt: Micros;
  firstSeenAt: Micros;
  goneAt: Micros | null;
  /** Retention has deleted a part of it. */
  isThinned: boolean;
};

type FateRow = {
  externalId: string;
  state: number;
  health: number;
  endAt: Micros | null;
  isPublic: number;
  description: string | null;
  priority: number | null;
  tags: string;
  failureComment: string | null;
  submitAt: Micros;
  settled: number;
  changedAt: Micros;
  firstSeenAt: Micros;
  goneAt: Micros | null;
  isThinned: number;
};

const FATE = `SELECT external_id AS "externalId", state, health, end_at AS "endAt", is_public AS "isPublic",
  description, priority, tags, failure_comment AS "failureComment", submit_at AS "submitAt", settled,
  changed_at AS "changedAt", first_seen_at AS "firstSeenAt", gone_at AS "goneAt",
  CASE WHEN coalesce(log_removed_at, detail_removed_at, results_removed_at) IS NULL THEN 0 ELSE 1 END AS "isThinned" FROM job
  WHERE source_id = ? AND epoch = ?`;

function fateOf({ externalId: _, state, health, isPublic, settled, isThinned, ...row }: FateRow): StoredFate {
  const { description, priority, tags, failureComment, ...times } = row;
  return {
    ...times,
    remarks: {
      description: description === null ? null : fromStored(description),
      priority,
      tags: JSON.parse(tags) as string[],
      failureComment: failureComment === null ? null : fromStored(failureComment),
    },
    state: JobState.parse(JobState.options[state]),
    health: JobHealth.parse(JobHealth.options[health]),
    isPublic: isPublic === 1,
    settled: settled === 1,
    isThinned: isThinned === 1,
  };
}

/** Numbers of jobs after one, up to another (null: to the end). */
export type IdRange = { after: number; to: number | null };

/** Stored fates of the jobs of the source's present epoch, by id; those that have no number are in no range. */
export async function listJobFates(
  { store }: Pick<Writer, 'store'>,
  source: SourceKey,
  range: IdRange,
): Promise<Map<string, StoredFate>> {
  const found = new Map<string, StoredFate>();
  for (const { where, values } of piecesOf(range)) {
    const rows = await store.sql.all<FateRow>(`${FATE} AND ${where}`, source.id, source.epoch, ...values);
    for (const row of rows) found.set(fromStored(row.externalId), fateOf(row));
  }
  return found;
}

export async function getJobFate(
  { store }: Pick<Writer, 'store'>,
  source: SourceKey,
  externalId: string,
): Promise<StoredFate | null> {
  const row = await store.sql.get<FateRow>(
    `${FATE} AND external_id = ?`,
    source.id,
    source.epoch,
    toStored(externalId),
  );
  return row ? fateOf(row) : null;
}

/** Jobs of the present epoch that retention has deleted. */
export async function listRemovedJobs(
  { store }: Pick<Writer, 'store'>,
  source: SourceKey,
  range: IdRange,
): Promise<Set<string>> {
  const removed = new Set<string>();
  for (const { where, values } of piecesOf(range)) {
    const rows = await store.sql.all<{ externalId: string }>(
      `SELECT external_id AS "externalId" FROM job_tombstone WHERE source_id = ? AND epoch = ? AND ${where}`,
      source.id,
      source.epoch,
      ...values,
    );
    for (const row of rows) removed.add(fromStored(row.externalId));
  }
  return removed;
}

const MOST_DIGITS = 15;

/** Numbers are kept as text: those of as many digits lie in the order of the index. */
function piecesOf({ after, to }: IdRange): { where: string; values: [string, string, number] }[] {
  const pieces: { where: string; values: [string, string, number] }[] = [];
  for (let digits = 1; digits <= MOST_DIGITS; digits++) {
    const first = Math.max(after + 1, digits === 1 ? 0 : 10 ** (digits - 1));
    const last = Math.min(to ?? Number.POSITIVE_INFINITY, 10 ** digits - 1);
    if (first > last) continue;
    pieces.push({
      where: 'external_id >= ? AND external_id <= ? AND length(external_id) = ?',
      values: [String(first), String(last), digits],
    });
  }
  return pieces;
}

export async function countJobsOf({ store }: Pick<Writer, 'store'>, source: SourceKey): Promise<number> {
  const row = await store.sql.get<{ n: number }>(
    'SELECT count(*) AS n FROM job WHERE source_id = ? AND epoch = ?',
    source.id,
    source.epoch,
  );
  return row?.n ?? 0;
}

/** Call inside a transaction. The job is kept as it is; null: it is there again. */
export async function markGone(
  writer: Writer,
  source: SourceKey,
  externalId: string,
  goneAt: Micros | null,
  at: Micros,
): Promise<void> {
  await writer.store.sql.run(
    'UPDATE job SET gone_at = ?, changed_at = ? WHERE source_id = ? AND epoch = ? AND external_id = ?',
    goneAt,
    at,
    source.id,
    source.epoch,
    toStored(externalId),
  );
}

export type AuditRun = {
  startedAt: Micros;
  requests: number;
  bytes: number;
  repaired: number;
  publicRepaired: number;
};

/** What a slice of an audit cost, beside the syncs. Call inside a transaction. */
export async function saveAuditRun(writer: Writer, sourceId: number, run: AuditRun, at: Micros): Promise<void> {
  await writer.store.sql.run(
    `INSERT INTO sync_run (source_id, trigger, state, started_at, ended_at, requests, bytes, jobs_read, jobs_written, public_read, public_written)
     VALUES (?, 'RECONCILE', 'succeeded', ?, ?, ?, ?, ?, ?, ?, ?)`,
    sourceId,
    run.startedAt,
    at,
    run.requests,
    run.bytes,
    run.repaired,
    run.repaired,
    run.publicRepaired,
    run.publicRepaired,
  );
}
