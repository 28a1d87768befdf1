/** `basalt quarantine`, as an admin uses it. */
import { expect, test } from 'vitest';
import { lavaWorld } from '../adapters/lava-world.ts';
import { synced } from './synced.ts';

const world = lavaWorld();

test('what was not understood is listed, shown with its bytes, and gone once it is read well', {
  timeout: 60_000,
}, async () => {
  const { master, rowOf } = world();
  Object.assign(rowOf(2), { state: 'Exploded\u001b[31m', description: 'says token: sesame-0123456789' });
  const { run } = await synced(master);
  const listed = await run('quarantine', 'list');
  expect(listed.code).toBe(1);
  expect(listed.stdout).toMatch(
    /^1 {2}lab {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}job of 2, \d+ bytes.*"Exploded.*is no state Basalt knows/,
  );
  expect(listed.stdout).not.toContain('\u001b');

  const shown = await run('quarantine', 'show', '1');
  expect(JSON.parse(shown.stdout)).toMatchObject({ id: 2, description: 'says token: [redacted]' });
  expect(shown.stderr).toContain('results[1].state');

  expect(await run('quarantine', 'replay')).toMatchObject({
    code: 1,
    stdout: 'lab: jobs read again: 1; records still in quarantine: 1\n',
  });
  Object.assign(rowOf(2), { state: 'Finished' });
  expect(await run('quarantine', 'replay', 'lab')).toMatchObject({
    code: 0,
    stdout: 'lab: jobs read again: 1; records still in quarantine: 0\n',
  });
  expect(await run('quarantine', 'list')).toMatchObject({ code: 0, stdout: 'nothing is in quarantine\n' });
  expect((await run('audit')).stdout).toBe('lab: master 5, stored 5: 0 missing, 0 changed, 0 only here\n');
});

test('a record is discarded by its number, and only by one', { timeout: 60_000 }, async () => {
  const { master, rowOf } = world();
  Object.assign(rowOf(2), { state: 'Exploded' });
  const { run } = await synced(master);
  expect(await run('quarantine', 'discard', '7')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no record 7'),
  });
  expect(await run('quarantine', 'discard', 'all')).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('"all" is no number'),
  });
  expect((await run('quarantine', 'discard', '1')).stdout).toMatch(/^discarded: 1 {2}lab .* job of 2/);
  expect((await run('quarantine', 'list')).code).toBe(0);
});
