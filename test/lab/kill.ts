/** Syncs of real masters killed again and again, then one clean run: the same tables as without. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { checkStore } from '#store/check.ts';
import { openStore } from '#store/open.ts';
import { readable } from '../store/readable.ts';
import type { Master } from './masters.ts';
import { createProduct, environment } from './product.ts';

/** Jobs that are stored until the next kill, at most. */
const MOST_JOBS = 10;
const LOOK_MS = 20;

export async function killAndCompare(
  masters: readonly Master[],
  straight: string,
  folder: string,
  kills = 20,
): Promise<string> {
  const data = join(folder, 'data');
  const env = environment(masters, data);
  let killed = 0;
  for (let i = 0; i < kills; i++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../cli/basalt.js'), 'sync', '--once'], {
      env,
      stdio: 'ignore',
    });
    const exit = once(child, 'exit');
    const before = countJobs(data);
    const few = 1 + Math.floor(Math.random() * MOST_JOBS);
    const isOver = () => child.exitCode !== null;
    // One in four while it writes, which comes late; the others while it starts.
    const moment = i % 4 ? sleep(500 + Math.random() * 1500) : grown(data, before + few, isOver);
    await Promise.race([exit, moment]);
    if (child.exitCode === null && child.kill('SIGKILL')) killed += 1;
    await exit;
  }
  const before = countJobs(data);
  assert.ok(before > 0, `${kills} were killed, and none had stored a job`);
  await createProduct(masters, data).run('sync', '--once');
  await compare(straight, data);
  return `${killed} of ${kills} killed in the middle, ${before} of ${countJobs(data)} jobs stored at the last one`;
}

async function grown(data: string, jobs: number, isOver: () => boolean): Promise<void> {
  while (!isOver() && countJobs(data) < jobs) await sleep(LOOK_MS);
}

/** 0 also where there is no store yet, or no table in it. */
function countJobs(data: string): number {
  const path = join(data, 'basalt.db');
  if (!existsSync(path)) return 0;
  try {
    const db = new Database(path, { readonly: true });
    try {
      return db.prepare<[], number>('SELECT count(*) FROM job').pluck().get() ?? 0;
    } finally {
      db.close();
    }
  } catch (cause) {
    if (cause instanceof Database.SqliteError) return 0;
    throw cause;
  }
}

async function compare(...folders: [string, string]): Promise<void> {
  const [a, b] = await Promise.all(
    folders.map((folder) => openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'read' })),
  );
  if (!a || !b) throw new Error('two stores are compared');
  try {
    assert.deepEqual(await checkStore(b), []);
    const [wanted, got] = [await readable(a), await readable(b)];
    for (const table of Object.keys(wanted)) assert.deepEqual(got[table], wanted[table], table);
  } finally {
    await a.close();
    await b.close();
  }
}
