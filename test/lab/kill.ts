/** Syncs of real masters killed again and again, then one clean run: the same tables as without. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkStore } from '#store/check.ts';
import { openStore } from '#store/open.ts';
import { readable } from '../store/readable.ts';
import type { Master } from './masters.ts';
import { createProduct, environment } from './product.ts';

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
    await Promise.race([exit, sleep(500 + Math.random() * 1500)]);
    if (child.exitCode === null && child.kill('SIGKILL')) killed += 1;
    await exit;
  }
  const before = await countJobs(data);
  await createProduct(masters, data).run('sync', '--once');
  await compare(straight, data);
  return `${killed} of ${kills} killed in the middle, ${before} of ${await countJobs(data)} jobs stored at the last one`;
}

async function countJobs(data: string): Promise<number> {
  const store = await openStore({ url: `sqlite:${join(data, 'basalt.db')}`, mode: 'read' });
  try {
    return (await store.sql.get<{ n: number }>('SELECT count(*) AS n FROM job'))?.n ?? 0;
  } finally {
    await store.close();
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
