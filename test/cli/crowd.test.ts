/** A server that many look at, and one that is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addJob, startMaster, TOKEN } from '../adapters/fake-master.ts';
import { temporaryFolder } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

async function lab() {
  const master = await startMaster();
  onTestFinished(() => master.close());
  for (let id = 1; id <= 10; id++) addJob(master, id);
  const folder = temporaryFolder();
  const source = {
    ...{ slug: 'lab', url: master.url, token: { env: 'MASTER_TOKEN' }, settleSeconds: 0, poll: '0 0 29 2 *' },
    ...{ events: 'off', callback: { token: { env: 'CALLBACK_TOKEN' } } },
  };
  writeFileSync(join(folder, 'basalt.yaml'), JSON.stringify({ sources: [source] }));
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    PATH: `${join(import.meta.dirname, '../../node_modules/.bin')}:/usr/bin:/bin`,
    BASALT_CONFIG: join(folder, 'basalt.yaml'),
    BASALT_DATA: folder,
    MASTER_TOKEN: TOKEN,
    CALLBACK_TOKEN: 'of-callbacks',
    PORT: '0',
  };
  const serve = async () => {
    const child = spawn(process.execPath, [entry, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const exit = once(child, 'exit');
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const address = () => /is ready at (\S+)/.exec(said)?.[1] ?? null;
    await expect.poll(address, { timeout: 60_000, interval: 100 }).not.toBeNull();
    const url = address() ?? '';
    const ask = async (query: string) =>
      ((await (await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`)).json()) as { data: never }).data;
    const jobs = async (): Promise<number> =>
      ((await ask('{ jobs { totalCount } }')) as { jobs: { totalCount: number } }).jobs.totalCount;
    return { url, ask, jobs, kill: () => child.kill('SIGKILL') && exit };
  };
  return { master, serve };
}

test('T-26: a hundred people who look at everything ask the master nothing', { timeout: 120_000 }, async () => {
  const { master, serve } = await lab();
  const { url, ask, jobs } = await serve();
  await expect.poll(jobs, { timeout: 30_000 }).toBe(10);
  const before = master.asked.length;
  const query =
    '{ jobs(first: 20) { totalCount nodes { externalId log { totalLines } testCases(first: 50) { nodes { name } } } } }';
  for (let i = 0; i < 10; i++) {
    const looks = Array.from({ length: 10 }, async (_, n) => {
      expect((await fetch(`${url}/jobs/lab/${n + 1}`)).status).toBe(200);
      expect(await ask(query)).toMatchObject({ jobs: { totalCount: 10 } });
    });
    await Promise.all(looks);
  }
  expect(master.asked.length - before).toBe(0);
});

test('T-41: a job whose callback was answered is there, though the server was killed in the same moment', {
  timeout: 120_000,
}, async () => {
  const { master, serve } = await lab();
  const first = await serve();
  await expect.poll(first.jobs, { timeout: 30_000 }).toBe(10);
  addJob(master, 11);
  const headers = { authorization: 'of-callbacks' };
  expect((await fetch(`${first.url}/callbacks/lava/lab?id=11`, { headers })).status).toBe(202);
  await first.kill();
  const second = await serve();
  await expect.poll(second.jobs, { timeout: 30_000 }).toBe(11);
});
