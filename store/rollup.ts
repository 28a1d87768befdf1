/**
 * Rollups are sums: a job adds its share when it is written and takes the old share back when it is written again,
 * in the same transaction. A row whose sums are all zero is deleted, so that any order leaves the same tables.
 */
import type { Counts } from './codec.ts';
import type { Sql } from './open.ts';

/** What the rollups need to know of a job; read back from its row, it takes the same share away again. */
export type Share = Counts & {
  envId: number;
  projectId: number | null;
  buildId: number | null;
  deviceId: number | null;
  steps: number;
  /** COMPLETE ... by name of the rollup's column. */
  fate: 'complete' | 'incomplete' | 'canceled' | 'running';
  infrastructure: boolean;
  submitAt: number;
  startAt: number | null;
  endAt: number | null;
  runs: readonly (Counts & { suiteId: number })[];
  lostSuites: readonly number[];
};

const DAY = 86_400_000_000;

export async function applyShare(sql: Sql, share: Share, sign: 1 | -1): Promise<void> {
  const { envId } = share;
  const day = Math.floor((share.endAt ?? share.submitAt) / DAY);
  const counts = { pass: share.pass, fail: share.fail, skip: share.skip, unknown: share.unknown };
  const infrastructure = share.infrastructure ? 1 : 0;
  const jobs = { complete: 0, incomplete: 0, canceled: 0, running: 0, infrastructure };
  jobs[share.fate] = 1;
  await bump(sql, sign, 'env_day', { env_id: envId, day }, { ...counts, steps: share.steps, ...jobs });
  if (share.projectId !== null) {
    await bump(sql, sign, 'project_day', { env_id: envId, day, project_id: share.projectId }, { ...counts, ...jobs });
  }
  if (share.buildId !== null) {
    await bump(sql, sign, 'build_env', { build_id: share.buildId, env_id: envId }, { ...counts, ...jobs });
    for (const { suiteId, ...run } of share.runs) {
      await bump(
        sql,
        sign,
        'build_suite',
        { build_id: share.buildId, suite_id: suiteId, env_id: envId },
        { pass: run.pass, fail: run.fail, skip: run.skip, unknown: run.unknown, runs: 1, infrastructure: 0 },
      );
    }
    for (const suiteId of share.lostSuites) {
      await bump(
        sql,
        sign,
        'build_suite',
        { build_id: share.buildId, suite_id: suiteId, env_id: envId },
        { pass: 0, fail: 0, skip: 0, unknown: 0, runs: 0, infrastructure: 1 },
      );
    }
  }
  if (share.fate === 'running') return;
  if (share.deviceId !== null) {
    const busySeconds =
      share.startAt === null || share.endAt === null ? 0 : Math.max(0, seconds(share.endAt - share.startAt));
    await bump(
      sql,
      sign,
      'device_day',
      { env_id: envId, day, device_id: share.deviceId },
      { jobs: 1, infrastructure, busy_seconds: busySeconds },
    );
  }
  if (share.startAt !== null) {
    const bucket = queueBucket(seconds(share.startAt - share.submitAt));
    await bump(sql, sign, 'queue_day', { env_id: envId, day, bucket }, { jobs: 1 });
  }
}

/** Bucket of a waiting time: eight an octave, so that a percentile is right within 4.5 %. */
export function queueBucket(waitSeconds: number): number {
  return Math.floor(8 * Math.log2(1 + Math.max(0, waitSeconds)));
}

function seconds(micros: number): number {
  return Math.floor(micros / 1_000_000);
}

type Columns = Record<string, number>;
type Statements = { add: string; sweep: string };

const statements = new Map<string, Statements>();

function statementsOf(table: string, keys: string[], sums: string[]): Statements {
  let found = statements.get(table);
  if (!found) {
    const all = [...keys, ...sums];
    const where = keys.map((k) => `${k} = ?`).join(' AND ');
    found = {
      add: `INSERT INTO ${table} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
        ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${sums.map((s) => `${s} = ${table}.${s} + excluded.${s}`).join(', ')}`,
      sweep: `DELETE FROM ${table} WHERE ${where} AND ${sums.map((s) => `${s} = 0`).join(' AND ')}`,
    };
    statements.set(table, found);
  }
  return found;
}

async function bump(sql: Sql, sign: 1 | -1, table: string, key: Columns, sums: Columns): Promise<void> {
  const { add, sweep } = statementsOf(table, Object.keys(key), Object.keys(sums));
  const keys = Object.values(key);
  await sql.run(add, ...keys, ...Object.values(sums).map((n) => (sign < 0 ? 0 - n : n)));
  if (sign < 0) await sql.run(sweep, ...keys);
}
