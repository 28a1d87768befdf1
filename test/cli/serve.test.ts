import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../store/temporary.ts';
import { replayedMasters } from './masters.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
const PAGES = [
  '/',
  '/jobs',
  '/jobs/alpha/106',
  '/builds',
  '/labs',
  '/labs/beta',
  '/devices',
  '/livez',
  '/readyz',
  '/metrics',
];

type Coverage = {
  complete: boolean;
  sources: { status: string; source: { slug: string; statusReason: string | null } }[];
};

test('a server reads, serves, says when a lab falls silent, and stops on SIGTERM', { timeout: 120_000 }, async () => {
  const masters = await replayedMasters(temporaryFolder(), '*/2 * * * * *');
  const child = spawn(process.execPath, [entry, 'serve'], {
    env: { ...masters.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit');
  onTestFinished(() => {
    if (child.exitCode === null) child.kill('SIGKILL');
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const address = () => /is ready at (\S+)/.exec(said)?.[1];
  await expect.poll(address, { timeout: 40_000, interval: 100 }).toBeDefined();
  const url = address();
  const coverage = async (): Promise<Coverage> => {
    const query = '{ coverage { complete sources { status source { slug statusReason } } } }';
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`);
    return ((await response.json()) as { data: { coverage: Coverage } }).data.coverage;
  };

  await expect.poll(async () => (await coverage()).complete, { timeout: 40_000, interval: 300 }).toBe(true);
  const asked = masters.replays.map((replay) => replay.requests());
  for (const path of PAGES) expect((await fetch(`${url}${path}`)).status, path).toBe(200);
  expect((await fetch(`${url}/jobs/alpha/99999`)).status).toBe(404);

  const second = spawnSync(process.execPath, [entry, 'sync', '--once'], { env: masters.env, encoding: 'utf8' });
  expect([second.status, second.stderr]).toEqual([
    75,
    expect.stringContaining('another Basalt reads sources into this store'),
  ]);

  await masters.replays[1]?.close();
  await expect.poll(async () => (await coverage()).complete, { timeout: 40_000, interval: 300 }).toBe(false);
  const beta = (await coverage()).sources.find(({ source }) => source.slug === 'beta');
  expect(beta).toMatchObject({
    status: 'FAILING',
    source: { statusReason: expect.stringContaining('beta: refuses the connection') },
  });
  for (const path of PAGES) expect((await fetch(`${url}${path}`)).status, path).toBe(200);
  expect(asked.every((n) => n > 100)).toBe(true);

  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  expect(log).not.toContain(String(masters.env.MASTER_TOKEN));
});
