/** `basalt audit`, as an admin runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { lockIngest } from '#store/ingest-lock.ts';
import { openStore } from '#store/open.ts';
import { removeJob } from '#store/remove-job.ts';
import { createWriter } from '#store/writer.ts';
import { send, TOKEN } from '../adapters/fake-master.ts';
import { showJobs } from '../adapters/fake-rpc.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { temporaryFolder } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
const world = lavaWorld();

/** A configuration that names the master, and its five jobs read. */
async function synced() {
  const { master } = world();
  master.rpc = showJobs();
  const folder = temporaryFolder();
  const source = { slug: 'lab', url: master.url, token: { env: 'MASTER_TOKEN' }, settleSeconds: 0 };
  writeFileSync(join(folder, 'basalt.yaml'), JSON.stringify({ sources: [source] }));
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    PATH: `${join(import.meta.dirname, '../../node_modules/.bin')}:/usr/bin:/bin`,
    BASALT_CONFIG: join(folder, 'basalt.yaml'),
    BASALT_DATA: folder,
    MASTER_TOKEN: TOKEN,
  };
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [entry, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const exit = once(child, 'exit');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await exit;
    return { code: child.exitCode, stdout, stderr };
  };
  const url = `sqlite:${join(folder, 'basalt.db')}`;
  /** As if it had never been read. */
  const lose = async (id: number) => {
    const store = await openStore({ url, mode: 'write' });
    const writer = createWriter(store, []);
    const row = await store.sql.get<{ id: number }>('SELECT id FROM job WHERE external_id = ?', String(id));
    await writer.transaction(() => removeJob(writer, row?.id ?? 0));
    await store.close();
  };
  expect((await run('sync', '--once')).code).toBe(0);
  return { master, run, lose, url, folder };
}

test('says what it found and read again; the next one finds nothing', { timeout: 60_000 }, async () => {
  const { run, lose } = await synced();
  await lose(3);
  expect(await run('audit', '--no-repair')).toMatchObject({
    code: 1,
    stdout: 'lab: master 5, stored 4: 1 missing, 0 changed, 0 only here\n  missing: 3\n',
  });
  expect(await run('audit')).toMatchObject({
    code: 1,
    stdout:
      'lab: master 5, stored 5: 0 missing, 0 changed, 0 only here; 1 were missing or changed and have been read again\n',
  });
  expect(await run('audit', 'lab')).toMatchObject({
    code: 0,
    stdout: 'lab: master 5, stored 5: 0 missing, 0 changed, 0 only here\n',
  });
});

test('only looks beside a Basalt that reads the sources', { timeout: 60_000 }, async () => {
  const { run, lose, url } = await synced();
  await lose(3);
  const unlock = lockIngest(url);
  const looked = await run('audit');
  unlock();
  expect(looked.stdout).toContain('1 missing, 0 changed');
  expect(looked.stderr).toContain('this only looks');
});

test('an alarm is a finding, in words; a source that is ill is none', { timeout: 60_000 }, async () => {
  const { run, master } = await synced();
  expect((await run('audit')).code).toBe(0);
  master.jobs.clear();
  const alarmed = await run('audit');
  expect(alarmed.code).toBe(1);
  expect(alarmed.stdout).toContain('ALARM: 5 of 5 jobs are not listed any more, all at once');
  master.fault = (_, response) => send(response, 403, { detail: 'Invalid token.' });
  const ill = await run('audit');
  expect([ill.code, ill.stdout]).toEqual([69, '']);
  expect(ill.stderr).toContain('the token is refused');
});

test('lists what may be deleted on the master, and asks it nothing', { timeout: 60_000 }, async () => {
  const { run, master, folder } = await synced();
  const list = (...args: string[]) => run('audit', '--safe-to-delete', ...args);
  expect(await list('--older-than', '30d')).toMatchObject({
    code: 1,
    stdout: 'source,job,ended,results,log bytes\n',
    stderr: 'lab: nothing is listed: not audited yet\n',
  });
  await run('audit');
  const asked = master.asked.length;
  const { code, stdout } = await list('lab', '--older-than', '30d');
  expect(code).toBe(0);
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    'source,job,ended,results,log bytes',
    `lab,1,2026-05-01T00:00:01.000Z,3,${master.jobs.get(1)?.log?.length}`,
    `lab,2,2026-05-01T00:00:02.000Z,3,${master.jobs.get(2)?.log?.length}`,
  ]);
  expect(stdout.trimEnd().split('\n')).toHaveLength(6);
  expect((await list('--older-than', '9999d')).stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(master.asked).toHaveLength(asked);

  rmSync(join(folder, 'logs'), { recursive: true });
  expect((await list('--older-than', '30d')).stdout.trimEnd().split('\n')).toHaveLength(1);
  for (const age of [[], ['--older-than', '1 month']]) {
    const refused = await list(...age);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('write days, for example 30d')]);
  }
});
