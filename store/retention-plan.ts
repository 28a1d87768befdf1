/** What retention would delete now, without deleting it. */
import { statSync } from 'node:fs';
import type { Micros } from '#schema/records.ts';
import type { Retention } from '#schema/tables.ts';
import { withoutDetail } from './detail.ts';
import { readFrames } from './frame.ts';
import { logPath } from './log-file.ts';
import { type DueJob, dueJobs, KINDS, type Kind } from './retention.ts';
import type { Store } from './store.ts';

export type KindPlan = {
  jobs: number;
  /** Logs; frames of details; suite runs; jobs. */
  rows: number;
  /** Of files and packed blocks; keys and indexes come on top. */
  bytes: number;
  oldest: Micros | null;
  newest: Micros | null;
};
export type Plan = Record<Kind, KindPlan>;

export async function planRetention(store: Store, sourceId: number, retention: Retention, now: Micros): Promise<Plan> {
  const empty = (): KindPlan => ({ jobs: 0, rows: 0, bytes: 0, oldest: null, newest: null });
  const plan: Plan = { logs: empty(), detail: empty(), results: empty(), rollups: empty() };
  /** How many of the jobs that name a log are due. */
  const logs = new Map<number, number>();
  for await (const jobs of dueJobs(store.sql, sourceId, retention, now)) {
    for (const kind of KINDS)
      await add(
        store,
        plan[kind],
        kind,
        jobs.filter(({ kinds }) => kinds.includes(kind)),
        logs,
      );
  }
  for (const [id, due] of logs) {
    const log = await store.sql.get<{ hash: Buffer; named: number; lines: number }>(
      'SELECT hash, length(lines) AS lines, (SELECT count(*) FROM job WHERE log_id = log.id) AS named FROM log WHERE id = ?',
      id,
    );
    if (!log || log.named > due) continue;
    plan.logs.rows += 1;
    plan.logs.bytes += log.lines + (statSync(logPath(store.logDir, log.hash), { throwIfNoEntry: false })?.size ?? 0);
  }
  return plan;
}

async function add({ sql }: Store, plan: KindPlan, kind: Kind, jobs: readonly DueJob[], logs: Map<number, number>) {
  if (jobs.length === 0) return;
  plan.jobs += jobs.length;
  for (const { submitAt } of jobs) {
    plan.oldest = Math.min(plan.oldest ?? submitAt, submitAt);
    plan.newest = Math.max(plan.newest ?? submitAt, submitAt);
  }
  for (const { id, envId, submitAt } of jobs) {
    if (kind === 'logs') {
      const row = await sql.get<{ logId: number | null }>('SELECT log_id AS "logId" FROM job WHERE id = ?', id);
      if (row?.logId != null) logs.set(row.logId, (logs.get(row.logId) ?? 0) + 1);
    } else if (kind === 'rollups') {
      const text = await sql.get<{ bytes: number }>(
        'SELECT length(body) AS bytes FROM job_text WHERE job_id = ? AND env_id = ?',
        id,
        envId,
      );
      plan.rows += 1;
      plan.bytes += text?.bytes ?? 0;
    } else {
      const frames = await readFrames(sql, { id, envId, submitAt });
      const kept = frames.reduce((n, { codec, body }) => n + withoutDetail(codec, body).body.length, 0);
      if (kind === 'detail') {
        plan.rows += frames.length;
        plan.bytes += frames.reduce((n, { body }) => n + body.length, 0) - kept;
        continue;
      }
      const runs = await sql.get<{ n: number; bytes: number }>(
        'SELECT count(*) AS n, coalesce(sum(length(verdicts)), 0) AS bytes FROM suite_run WHERE env_id = ? AND job_id = ?',
        envId,
        id,
      );
      plan.rows += runs?.n ?? 0;
      plan.bytes += (runs?.bytes ?? 0) + kept;
    }
  }
}
