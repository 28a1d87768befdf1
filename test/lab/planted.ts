/** Each of these must be found by the comparison: one that cannot fail proves nothing. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Compared, compareJob } from './compare-tables.ts';
import { type MasterJob, openTables } from './master-tables.ts';
import type { Master } from './masters.ts';
import type { Served } from './product.ts';

type Plant = { what: string; found: RegExp; plant: () => Promise<void> | void; undo: () => Promise<void> | void };

/** Alters a job of the master, and of the store behind its back, one way after another, and takes it back. */
export async function plantedAreFound(master: Master, data: string, server: Served): Promise<string> {
  const tables = await openTables(master.name);
  const store = new Database(join(data, 'basalt.db'));
  try {
    let chosen: MasterJob | null = null;
    for (const job of await tables.jobs())
      if (job.health === 'COMPLETE' && tables.log(job) && (await tables.cases(job.id)).length > 5) chosen = job;
    assert.ok(chosen, 'no job to alter');
    const { id } = chosen;
    const [one] = (await tables.cases(id)).slice(-1);
    assert.ok(one);
    const row = store
      .prepare(
        `SELECT j.id, j.health, j.log_id FROM job j JOIN source s ON s.id = j.source_id AND s.epoch = j.epoch
         WHERE s.slug = ? AND j.external_id = ?`,
      )
      .get(master.name, id) as { id: number; health: number; log_id: number };
    const runs = store.prepare('SELECT * FROM suite_run WHERE job_id = ? ORDER BY ord DESC LIMIT 1').get(row.id) as {
      [column: string]: string | number | bigint | Buffer | null;
    };
    const inCase = (set: string) => tables.run(`UPDATE lava_results_app_testcase SET ${set} WHERE id = ${one.id}`);
    const inJob = (set: string) => store.exec(`UPDATE job SET ${set} WHERE id = ${row.id}`);
    const columns = Object.keys(runs);
    const plants: Plant[] = [
      {
        what: 'a measurement of the master that was altered',
        found: /cases/,
        plant: () => inCase('measurement = coalesce(measurement, 0) + 0.0000000001'),
        undo: () => inCase(`measurement = ${one.measurement ?? 'NULL'}`),
      },
      {
        what: 'a verdict of the master that was altered',
        found: /cases/,
        plant: () => inCase('result = (result + 1) % 4'),
        undo: () => inCase('result = (result + 3) % 4'),
      },
      {
        what: 'a comment on the master that was not read',
        found: new RegExp(`${master.name}/${id}`),
        plant: () =>
          tables.run('UPDATE lava_scheduler_app_testjob SET failure_comment = $2 WHERE id = $1', id, 'planted'),
        undo: () =>
          tables.run(
            'UPDATE lava_scheduler_app_testjob SET failure_comment = $2 WHERE id = $1',
            id,
            chosen.failureComment,
          ),
      },
      {
        what: 'a job of the store that was altered',
        found: new RegExp(`${master.name}/${id}`),
        plant: () => void inJob(`health = ${(row.health + 1) % 4}`),
        undo: () => void inJob(`health = ${row.health}`),
      },
      {
        what: 'a log that the store lost',
        found: /no log/,
        plant: () => void inJob('log_id = NULL'),
        undo: () => void inJob(`log_id = ${row.log_id}`),
      },
      {
        what: 'a suite that was deleted from the store',
        found: /suites/,
        plant: () => void store.prepare('DELETE FROM suite_run WHERE job_id = ? AND ord = ?').run(row.id, runs.ord),
        undo: () =>
          void store
            .prepare(`INSERT INTO suite_run (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
            .run(...Object.values(runs)),
      },
    ];
    const nothing: Compared = { jobs: 0, cases: 0, logs: 0, lines: 0, bytes: 0, deleted: 0 };
    const compare = async () => {
      const now = (await tables.jobs()).find((job) => job.id === id);
      assert.ok(now);
      await compareJob(master.name, now, tables, server, nothing);
    };
    for (const { what, found, plant, undo } of plants) {
      await plant();
      try {
        await assert.rejects(compare, found, `NOT FOUND: ${what}`);
      } finally {
        await undo();
      }
    }
    await compare();
    return `${plants.length} of ${plants.length} planted differences were found in ${master.name}/${id}`;
  } finally {
    store.close();
    await tables.close();
  }
}
