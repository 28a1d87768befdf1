/** `basalt agent` and `basalt serve` as processes: killed at any moment, in the end the tables are those of a direct read. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { checkStore } from '#store/check.ts';
import { openStore } from '#store/open.ts';
import { standBefore } from '../fault-proxy/proxy.ts';
import { randomOf } from '../fault-proxy/random.ts';
import { readable } from '../store/readable.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { replayedMasters } from './masters.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
/** `BASALT_KILLS=100 npx vitest run --project sqlite test/cli/agent.test.ts` for more of them. */
const KILLS = Number(process.env.BASALT_KILLS || 4);
const SEED = Number(process.env.BASALT_SEED || 20_261_125);
const KEY = 'a-key-that-a-machine-has-made';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A lab with three recorded masters, a Basalt, and what lies between them. */
async function world() {
  const lab = await replayedMasters(temporaryFolder());
  const folder = temporaryFolder();
  const port = await freePort();
  const { sources } = JSON.parse(readFileSync(lab.config, 'utf8')) as { sources: { slug: string; url: string }[] };
  const agentKey = { env: 'AGENT_KEY' };
  const basaltConfig = join(folder, 'basalt.yaml');
  const tokens = [{ login: 'ci', token: { env: 'CI_TOKEN' }, role: 'admin' }];
  const mine = sources.map(({ slug, url }) => ({ slug, url, kind: 'agent', agentKey, poll: '*/2 * * * * *' }));
  writeFileSync(basaltConfig, JSON.stringify({ sources: mine, access: { tokens } }));
  const proxy = await standBefore(`http://127.0.0.1:${port}/`, randomOf(SEED));
  onTestFinished(() => proxy.close());
  const labConfig = join(folder, 'lab.yaml');
  writeFileSync(
    labConfig,
    JSON.stringify({ sources: sources.map((source) => ({ ...source, agentKey })), agent: { url: proxy.url } }),
  );
  const shared = { ...lab.env, AGENT_KEY: KEY, CI_TOKEN: 'sesame', BASALT_LOG_LEVEL: 'warn', PORT: String(port) };
  const env = {
    lab: { ...shared, BASALT_CONFIG: labConfig, BASALT_DATA: join(folder, 'lab') },
    basalt: { ...shared, BASALT_CONFIG: basaltConfig, BASALT_DATA: join(folder, 'basalt') },
  };
  mkdirSync(env.basalt.BASALT_DATA);
  const run = (who: keyof typeof env, ...args: string[]) => {
    const child = spawn(process.execPath, [entry, ...args], { env: env[who], stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { child, ended: ended.then(([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr })) };
  };
  const asked = () => lab.replays.reduce((n, replay) => n + replay.requests(), 0) + 10 * proxy.counts().requests;
  return { lab, env, run, asked, data: env.basalt.BASALT_DATA, port };
}

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => null);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error('it ended before it was ready');
}

test('kill -9 of the agent and of Basalt, again and again: the same tables as read directly', {
  timeout: KILLS * 15_000 + 90_000,
}, async () => {
  const { lab, run, asked, data, port } = await world();
  const random = randomOf(SEED);
  let serve = run('basalt', 'serve');
  await untilReady(serve.child, port);
  let agent = run('lab', 'agent');
  let killed = 0;
  for (let i = 0; i < KILLS; i++) {
    // After so much has happened: how fast the machine is tells nothing of where it is.
    const until = asked() + 20 + Math.floor(random() * 120);
    const patience = Date.now() + 4_000;
    while (asked() < until && Date.now() < patience) await sleep(5);
    const isBasalt = random() < 0.4;
    const victim = isBasalt ? serve : agent;
    if (victim.child.exitCode === null && victim.child.kill('SIGKILL')) killed += 1;
    await victim.ended;
    if (isBasalt) {
      serve = run('basalt', 'serve');
      await untilReady(serve.child, port);
    } else agent = run('lab', 'agent');
  }
  const running = asked();
  await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(running);
  agent.child.kill('SIGTERM');
  expect(await agent.ended).toMatchObject({ code: 0 });
  process.stdout.write(`${killed} of ${KILLS} killed\n`);
  expect(killed).toBeGreaterThan(KILLS / 2);
  const last = await run('lab', 'agent', '--once').ended;
  expect([last.code, last.stderr]).toEqual([0, expect.stringMatching(/0 entries \(0.0 MB\) wait in the spool/)]);

  agent = run('lab', 'agent');
  const audit = await run('basalt', 'audit').ended;
  expect([audit.code, audit.stdout.match(/: 0 missing, 0 changed, 0 only here/g)]).toEqual([
    0,
    expect.objectContaining({ length: 3 }),
  ]);
  agent.child.kill('SIGTERM');
  expect(await agent.ended).toMatchObject({ code: 0 });
  serve.child.kill('SIGTERM');
  expect(await serve.ended).toMatchObject({ code: 0 });
  expect((await run('basalt', 'sync', '--once').ended).code).toBe(0);

  const straight = spawn(process.execPath, [entry, 'sync', '--once'], { env: lab.env, stdio: 'ignore' });
  await once(straight, 'exit');
  const stores = await Promise.all(
    [lab.data, data].map((folder) => openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'read' })),
  );
  const [a, b] = stores;
  if (!a || !b) throw new Error('no stores');
  try {
    expect(await checkStore(b)).toEqual([]);
    expect(await b.sql.all('SELECT 1 FROM inbox')).toEqual([]);
    const [wanted, got] = [await readable(a), await readable(b)];
    for (const table of Object.keys(wanted)) expect(got[table], table).toEqual(wanted[table]);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
});

test('the agent says what keeps it from pushing, and keeps what it has read', { timeout: 60_000 }, async () => {
  const { run } = await world();
  const alone = await run('lab', 'agent', '--once').ended;
  expect(alone.code).toBe(69);
  expect(alone.stderr).toMatch(/nothing can be pushed: Basalt: /);
  expect(alone.stderr).toMatch(/\d{2,} entries \(0\.\d MB\) wait in the spool/);
});

test('what is missing in the file is said before anything is read', { timeout: 60_000 }, async () => {
  const { env, run } = await world();
  const without = (change: (config: { sources: object[]; agent?: object }) => object) => {
    const file = env.lab.BASALT_CONFIG;
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
    return run('lab', 'agent', '--once').ended;
  };
  expect(await without((config) => ({ ...config, agent: { url: 'http://basalt.example/' } }))).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('a key goes by https only'),
  });
  expect(await without(({ sources }) => ({ sources }))).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('names no Basalt to push to: agent: { url:'),
  });
  expect(
    await without(({ sources }) => ({
      sources: sources.map((s) => ({ ...s, agentKey: undefined })),
      agent: { url: 'https://b.example/' },
    })),
  ).toMatchObject({ code: 78, stderr: expect.stringContaining('an agent pushes by a key') });
});
