import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockIngest } from '#store/ingest-lock.ts';
import { send } from '../adapters/fake-master.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { synced } from './synced.ts';

const world = lavaWorld();

test('says what it found and read again; the next one finds nothing', { timeout: 60_000 }, async () => {
  const { run, lose } = await synced(world().master);
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
  const { run, lose, url } = await synced(world().master);
  await lose(3);
  const unlock = lockIngest(url);
  const looked = await run('audit');
  unlock();
  expect(looked.stdout).toContain('1 missing, 0 changed');
  expect(looked.stderr).toContain('this only looks');
});

test('an alarm is a finding, in words; a source that is ill is none', { timeout: 60_000 }, async () => {
  const { run, master } = await synced(world().master);
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
  const { run, master, folder } = await synced(world().master);
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
