/** docs/operations/scripts.md: every command on it, one after another, as a reader with an account types it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { addJob } from '../api/server.ts';
import { accountServer, TYPED } from './account-server.ts';
import { remote } from './remote.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/operations/scripts.md'), 'utf8');
const HERE = 'http://127.0.0.1:3000';

test('every command of the page does what the page says', { timeout: 180_000 }, async () => {
  const server = await accountServer(['cambridge', 'lyon']);
  const now = Date.now() * 1000;
  const day = 86_400_000_000;
  const ended = (at: number) => ({ submitAt: at - 3600e6, startAt: at - 3000e6, endAt: at });
  await addJob(server, 'cambridge', 1, ended(now - day / 2));
  await addJob(server, 'lyon', 2, ended(now - day / 3));
  await addJob(server, 'lyon', 3, ended(now - 3 * day));
  // Written by the clock of a test, long ago.
  await server.writer.store.sql.run('UPDATE job SET changed_at = end_at');
  const { home, env } = remote(null);
  const bin = join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(root, 'cli/basalt.js')}' "$@"\n`,
  );
  chmodSync(join(bin, 'npx'), 0o755);

  const said: string[][] = [];
  for (const [, block = ''] of page.matchAll(/^```sh\n(.*?)^```$/gms)) {
    const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', block.replaceAll(HERE, server.url)], {
      env: { ...env, PATH: `${bin}:${process.env.PATH}` },
      cwd: home,
    });
    child.stdin.on('error', () => undefined).end(TYPED);
    const ended = once(child, 'close');
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await ended;
    expect([child.exitCode, err], block).toEqual([0, expect.not.stringContaining('rror')]);
    expect(out, block).not.toContain('"errors"');
    said.push(`${out}\n${err}`.split('\n').filter((line) => line !== ''));
  }
  const [first, failing, queries, login, , token, exported, changes] = said;
  expect(said).toHaveLength(8);
  expect(JSON.parse(first?.[0] ?? '').data.jobs.nodes).toHaveLength(3);
  expect(failing?.map((line) => line.split(',').slice(0, 2).join(' '))).toEqual([
    'source job',
    'lyon 2',
    'cambridge 1',
    expect.stringMatching(/^# end: /),
  ]);
  expect(JSON.parse(queries?.[1] ?? '').data.testCases.nodes.map((one: { name: string }) => one.name)).toEqual([
    'case1',
    'case1',
  ]);
  expect(login?.[0]).toContain(`logged in to ${server.url}/ as root`);
  expect(JSON.parse(token?.[0] ?? '').data.viewer).toEqual({ login: 'root', scopes: ['read', 'read:private'] });
  expect(token?.at(-1)).toContain('basalt login on');
  expect(exported?.[0]).toBe(
    '6 results of 3 jobs that are new or have changed; 0 jobs are gone; of the last minute: next time',
  );
  expect(
    JSON.parse(changes?.[0] ?? '').data.jobChanges.nodes.map(
      (one: { job: { externalId: string }; removed: null }) => one.removed ?? one.job.externalId,
    ),
  ).toEqual(['3', '1', '2']);
});

test('the page says what the commands say', () => {
  for (const link of page.matchAll(/\]\(([^)#]+)\)/g)) readFileSync(join(root, 'docs/operations', link[1] ?? ''));
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain('docs/operations/scripts.md');
});
