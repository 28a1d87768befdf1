/**
 * Rollups are sums: a job adds its share when it is written and takes the old share back when it is written again,
 * in the same transaction. A row whose sums are all zero is deleted, so that any order leaves the same tables.
 */
import type { Counts } from './codec.ts';
import type { Sql } from './store.ts';

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
const COUNTS = ['pass', 'fail', 'skip', 'unknown'] as const;
const FATES = ['complete', 'incomplete', 'canceled', 'running', 'infrastructure'] as const;

export type Columns = Readonly<Record<string, number>>;

/** What a job adds to one row of a rollup. */
export type ShareRow = { table: RollupTable; key: Columns; sums: Columns };

/** Key and sums of every rollup. */
export const ROLLUPS = {
  env_day: { key: ['env_id', 'day'], sums: [...COUNTS, 'steps', ...FATES] },
  project_day: { key: ['env_id', 'day', 'project_id'], sums: [...COUNTS, ...FATES] },
  device_day: { key: ['env_id', 'day', 'device_id'], sums: ['jobs', 'infrastructure', 'busy_seconds'] },
  queue_day: { key: ['env_id', 'day', 'bucket'], sums: ['jobs'] },
  build_env: { key: ['build_id', 'env_id'], sums: [...COUNTS, ...FATES] },
  build_suite: { key: ['build_id', 'suite_id', 'env_id'], sums: [...COUNTS, 'runs', 'infrastructure'] },
} as const;

export type RollupTable = keyof typeof ROLLUPS;

export async function applyShare(sql: Sql, share: Share, sign: 1 | -1): Promise<void> {
  for (const row of shareRows(share)) await bump(sql, sign, row);
}

/** All that a job adds to the rollups; rows of one key may come more than once. */
export function shareRows(share: Share): ShareRow[] {
  const { envId, buildId } = share;
  const day = Math.floor((share.endAt ?? share.submitAt) / DAY);
  const counts = { pass: share.pass, fail: share.fail, skip: share.skip, unknown: share.unknown };
  const infrastructure = share.infrastructure ? 1 : 0;
  const jobs = { complete: 0, incomplete: 0, canceled: 0, running: 0, infrastructure };
  jobs[share.fate] = 1;
  const rows: ShareRow[] = [
    { table: 'env_day', key: { env_id: envId, day }, sums: { ...counts, steps: share.steps, ...jobs } },
  ];
  if (share.projectId !== null) {
    const key = { env_id: envId, day, project_id: share.projectId };
    rows.push({ table: 'project_day', key, sums: { ...counts, ...jobs } });
  }
  if (buildId !== null) {
    rows.push({ table: 'build_env', key: { build_id: buildId, env_id: envId }, sums: { ...counts, ...jobs } });
    const suite = (suiteId: number, sums: Columns) =>
      rows.push({ table: 'build_suite', key: { build_id: buildId, suite_id: suiteId, env_id: envId }, sums });
    for (const { suiteId, pass, fail, skip, unknown } of share.runs) {
      suite(suiteId, { pass, fail, skip, unknown, runs: 1, infrastructure: 0 });
    }
    for (const suiteId of share.lostSuites) {
      suite(suiteId, { pass: 0, fail: 0, skip: 0, unknown: 0, runs: 0, infrastructure: 1 });
    }
  }
  if (share.fate === 'running') return rows;
  const { deviceId, startAt, endAt } = share;
  if (deviceId !== null) {
    const busy = startAt === null || endAt === null ? 0 : Math.max(0, seconds(endAt - startAt));
    const key = { env_id: envId, day, device_id: deviceId };
    rows.push({ table: 'device_day', key, sums: { jobs: 1, infrastructure, busy_seconds: busy } });
  }
  if (startAt !== null) {
    const key = { env_id: envId, day, bucket: queueBucket(seconds(startAt - share.submitAt)) };
    rows.push({ table: 'queue_day', key, sums: { jobs: 1 } });
  }
  return rows;
}

/** Bucket of a waiting time: eight an octave, so that a percentile is right within 4.5 %. */
export function queueBucket(waitSeconds: number): number {
  return Math.floor(8 * Math.log2(1 + Math.max(0, waitSeconds)));
}

function seconds(micros: number): number {
  return Math.floor(micros / 1_000_000);
}

type Statements = { add: string; sweep: string };

const STATEMENTS = Object.fromEntries(
  Object.entries(ROLLUPS).map(([table, { key, sums }]): [string, Statements] => {
    const all = [...key, ...sums];
    return [
      table,
      {
        add: `INSERT INTO ${table} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
          ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sums.map((s) => `${s} = ${table}.${s} + excluded.${s}`).join(', ')}`,
        sweep: `DELETE FROM ${table} WHERE ${key.map((k) => `${k} = ?`).join(' AND ')} AND ${sums.map((s) => `${s} = 0`).join(' AND ')}`,
      },
    ];
  }),
) as Record<RollupTable, Statements>;

async function bump(sql: Sql, sign: 1 | -1, { table, key, sums }: ShareRow): Promise<void> {
  const { add, sweep } = STATEMENTS[table];
  const keys = valuesOf(key, ROLLUPS[table].key);
  await sql.run(add, ...keys, ...valuesOf(sums, ROLLUPS[table].sums).map((n) => (sign < 0 ? 0 - n : n)));
  if (sign < 0) await sql.run(sweep, ...keys);
}

/** The values in the order of the names. */
export function valuesOf(columns: Columns, names: readonly string[]): number[] {
  return names.map((name) => columns[name] ?? 0);
}
