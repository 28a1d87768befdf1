/** Makes the rollups what the jobs say they should be, and tells what they were. */

import { mendPacked } from './packed-row.ts';
import { packWaits, QUEUE_WEEK } from './queue-week.ts';
import {
  type Columns,
  createSums,
  nameOfRow,
  ROLLUPS,
  type RollupTable,
  type ShareRow,
  type Sums,
  shareRows,
  valuesOf,
  waitsOf,
} from './rollup.ts';
import type { Sql } from './store.ts';
import { SELECT_JOB, type StoredJob, shareOf } from './stored-job.ts';
import { weekOf } from './week.ts';

export type Difference = {
  table: string;
  /** Rows that should be and are not, that should not be, and that say something else. */
  missing: number;
  extra: number;
  wrong: number;
};

const OF_DAYS = ['env_day', 'project_day', 'device_day'] as const;
const OF_BUILDS = ['build_env', 'build_suite'] as const;
/** Jobs read at a time. */
const PAGE = 500;

/** The rollups of the days of one environment. */
export async function mendDays(sql: Sql, envId: number): Promise<Difference[]> {
  const expected = createSums([...OF_DAYS, 'queue_week']);
  for await (const job of jobsOf(sql, 'env_id', envId)) expected.add(shareRows(shareOf(job, [])));
  const byWeek = Map.groupBy(waitsOf(expected), ({ day }) => weekOf(day));
  const weeks = new Map([...byWeek].map(([week, waits]) => [week, packWaits(waits)]));
  return [...(await mend(sql, OF_DAYS, expected, 'env_id', envId)), await mendPacked(sql, QUEUE_WEEK, envId, weeks)];
}

/** The rollups of one build. */
export async function mendBuild(sql: Sql, buildId: number): Promise<Difference[]> {
  const expected = createSums(OF_BUILDS);
  for await (const job of jobsOf(sql, 'build_id', buildId)) {
    const runs = await sql.all<{ suiteId: number; pass: number; fail: number; skip: number; unknown: number }>(
      `SELECT suite_id AS "suiteId", pass, fail, skip, unknown FROM suite_run
       WHERE env_id = ? AND job_id = ? AND is_steps = 0`,
      job.envId,
      job.id,
    );
    expected.add(shareRows(shareOf(job, runs)));
  }
  return mend(sql, OF_BUILDS, expected, 'build_id', buildId);
}

async function* jobsOf(sql: Sql, column: 'env_id' | 'build_id', id: number): AsyncGenerator<StoredJob> {
  let [at, last] = [Number.MIN_SAFE_INTEGER, 0];
  while (true) {
    const jobs = await sql.all<StoredJob>(
      `${SELECT_JOB} WHERE ${column} = ? AND (submit_at, id) > (?, ?) ORDER BY submit_at, id LIMIT ${PAGE}`,
      id,
      at,
      last,
    );
    yield* jobs;
    const end = jobs.at(-1);
    if (!end || jobs.length < PAGE) return;
    [at, last] = [end.submitAt, end.id];
  }
}

async function mend(
  sql: Sql,
  tables: readonly RollupTable[],
  expected: Sums,
  column: 'env_id' | 'build_id',
  id: number,
): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const table of tables) {
    const { key, sums } = ROLLUPS[table];
    const difference = { table, missing: 0, extra: 0, wrong: 0 };
    const put = (row: ShareRow) =>
      sql.run(
        `INSERT INTO ${table} (${[...key, ...sums].join(', ')}) VALUES (${[...key, ...sums].map(() => '?').join(', ')})
         ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sums.map((s) => `${s} = excluded.${s}`).join(', ')}`,
        ...valuesOf(row.key, key),
        ...valuesOf(row.sums, sums),
      );
    const seen = new Set<string>();
    for (const stored of await sql.all<Columns>(`SELECT * FROM ${table} WHERE ${column} = ?`, id)) {
      const name = nameOfRow(table, stored);
      seen.add(name);
      const should = expected.rows.get(name);
      if (!should) {
        difference.extra += 1;
        const where = key.map((k) => `${k} = ?`).join(' AND ');
        await sql.run(`DELETE FROM ${table} WHERE ${where}`, ...valuesOf(stored, key));
      } else if (sums.some((s) => should.sums[s] !== stored[s])) {
        difference.wrong += 1;
        await put(should);
      }
    }
    for (const [name, row] of expected.rows) {
      if (row.table !== table || seen.has(name)) continue;
      difference.missing += 1;
      await put(row);
    }
    found.push(difference);
  }
  return found;
}
