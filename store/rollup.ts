/**
 * Rollups are sums: a job adds its share when it is written and takes the old share back when it is written again,
 * in the same transaction. A row whose sums are all zero is deleted, so that any order leaves the same tables.
 */
import type { Counts } from './codec.ts';
import { insertRows } from './many-rows.ts';
import { addWaits, queueBucket, type Wait } from './queue-week.ts';
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

/** Key and sums of every rollup. Those of queue_week are packed, a week to a row: see queue-week.ts. */
export const ROLLUPS = {
  env_day: { key: ['env_id', 'day'], sums: [...COUNTS, 'steps', ...FATES] },
  project_day: { key: ['env_id', 'day', 'project_id'], sums: [...COUNTS, ...FATES] },
  device_day: { key: ['env_id', 'day', 'device_id'], sums: ['jobs', 'infrastructure', 'busy_seconds'] },
  queue_week: { key: ['env_id', 'day', 'bucket'], sums: ['jobs'] },
  build_env: { key: ['build_id', 'env_id'], sums: [...COUNTS, ...FATES] },
  build_suite: { key: ['build_id', 'suite_id', 'env_id'], sums: [...COUNTS, 'runs', 'infrastructure'] },
} as const;

export type RollupTable = keyof typeof ROLLUPS;

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
    rows.push({ table: 'queue_week', key, sums: { jobs: 1 } });
  }
  return rows;
}

function seconds(micros: number): number {
  return Math.floor(micros / 1_000_000);
}

/** Rows added up by their key. */
export type Sums = {
  add(more: readonly ShareRow[], sign?: 1 | -1): void;
  rows: ReadonlyMap<string, ShareRow>;
  clear(): void;
};

/** Of these tables; rows of others are left out. */
export function createSums(tables: readonly RollupTable[] = TABLES): Sums {
  const rows = new Map<string, { table: RollupTable; key: Columns; sums: Record<string, number> }>();
  return {
    rows,
    add(more, sign = 1) {
      for (const { table, key, sums } of more) {
        if (!tables.includes(table)) continue;
        const name = nameOfRow(table, key);
        let row = rows.get(name);
        if (!row) {
          row = { table, key, sums: {} };
          rows.set(name, row);
        }
        for (const column of ROLLUPS[table].sums) {
          row.sums[column] = (row.sums[column] ?? 0) + sign * (sums[column] ?? 0);
        }
      }
    },
    clear: () => rows.clear(),
  };
}

export function nameOfRow(table: RollupTable, key: Columns): string {
  return `${table} ${valuesOf(key, ROLLUPS[table].key).join(' ')}`;
}

const TABLES = Object.keys(ROLLUPS) as RollupTable[];
const PACKED = 'queue_week';

/** What was added up for queue_week. */
export function waitsOf({ rows }: Sums): Wait[] {
  return [...rows.values()].flatMap(({ table, key, sums }) => {
    if (table !== PACKED) return [];
    const [envId = 0, day = 0, bucket = 0] = valuesOf(key, ROLLUPS[PACKED].key);
    return { envId, day, bucket, jobs: sums.jobs ?? 0 };
  });
}

const STATEMENTS = TABLES.filter((table) => table !== PACKED).map((table) => {
  const { key, sums } = ROLLUPS[table];
  return {
    table,
    insert: `INSERT INTO ${table} (${[...key, ...sums].join(', ')})`,
    add: `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sums.map((s) => `${s} = ${table}.${s} + excluded.${s}`).join(', ')}`,
    sweep: `DELETE FROM ${table} WHERE ${key.map((k) => `${k} = ?`).join(' AND ')} AND ${sums.map((s) => `${s} = 0`).join(' AND ')}`,
  };
});

/** Adds what was added up to the tables. Rows are taken in the order of their keys: two writers wait in one order. */
export async function writeSums(sql: Sql, added: Sums): Promise<void> {
  const byTable = Map.groupBy(added.rows.values(), ({ table }) => table);
  for (const { table, insert, add, sweep } of STATEMENTS) {
    const { key, sums } = ROLLUPS[table];
    const changed = (byTable.get(table) ?? [])
      .map((row) => ({ keys: valuesOf(row.key, key), sums: valuesOf(row.sums, sums) }))
      .filter((row) => row.sums.some((n) => n !== 0))
      .sort((a, b) => compare(a.keys, b.keys));
    await insertRows(
      sql,
      insert,
      changed.map((row) => [...row.keys, ...row.sums]),
      add,
    );
    for (const row of changed) if (row.sums.some((n) => n < 0)) await sql.run(sweep, ...row.keys);
  }
  await addWaits(
    sql,
    waitsOf(added).filter(({ jobs }) => jobs !== 0),
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((n, i) => n !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** The values in the order of the names. */
export function valuesOf(columns: Columns, names: readonly string[]): number[] {
  return names.map((name) => columns[name] ?? 0);
}
