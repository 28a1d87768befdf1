/** What keeps a server from starting is said in a sentence, and the process ends. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StoreInUse } from '#store/error.ts';
import { lockIngest } from '#store/ingest-lock.ts';
import { fileIn, temporaryFolder, temporaryWriter } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

function basalt(folder: string, args: string[], env: Record<string, string> = {}) {
  const config = join(folder, 'basalt.yaml');
  writeFileSync(config, 'sources: []\n');
  const { status, stderr } = spawnSync(process.execPath, [entry, ...args], {
    env: { ...process.env, BASALT_CONFIG: config, BASALT_DATA: folder, BASALT_LOG_LEVEL: 'silent', PORT: '0', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, said: stderr.trim() };
}

async function takenPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

test.each([[['serve']], [['serve', '--no-ingest']]])('%s on a port that is taken', async (args) => {
  const folder = temporaryFolder();
  await (await temporaryWriter([], fileIn(folder))).store.close();
  const port = await takenPort();
  expect(basalt(folder, args, { PORT: port })).toEqual({
    status: 75,
    said: `127.0.0.1:${port}: another program listens there; end it, or set PORT to a free port`,
  });
  expect(basalt(folder, args, { HOST: '192.0.2.1' })).toEqual({
    status: 78,
    said: expect.stringMatching(/^HOST: "192.0.2.1" is no address of this machine/),
  });
});

test('a store that is not there, and a folder that is none', () => {
  const folder = temporaryFolder();
  const missing = basalt(folder, ['serve', '--no-ingest']);
  expect(missing).toEqual({ status: 78, said: expect.stringMatching(/basalt.db does not exist: .*`basalt migrate`/) });
  writeFileSync(join(folder, 'file'), '');
  for (const command of ['serve', 'migrate']) {
    const said = basalt(folder, [command], { BASALT_DATA: join(folder, 'file') });
    expect(said).toEqual({ status: 78, said: expect.stringMatching(/^\S+basalt.db: cannot be opened \(EEXIST\)/) });
  }
});

test('T-50: a store that goes by two names has one ingester', async () => {
  const folder = temporaryFolder();
  await (await temporaryWriter([], fileIn(folder))).store.close();
  const other = join(folder, 'other');
  mkdirSync(other);
  symlinkSync(join(folder, 'basalt.db'), join(other, 'basalt.db'));
  const unlock = lockIngest(fileIn(folder).url);
  expect(() => lockIngest(fileIn(other).url)).toThrow(StoreInUse);
  unlock();
  lockIngest(fileIn(other).url)();
});

test('an ingester that dies while the pages are made ready ends the server', async () => {
  const folder = temporaryFolder();
  const { store } = await temporaryWriter([], fileIn(folder));
  await store.sql.run("INSERT INTO store_state (key, value) VALUES ('rules', 'no JSON')");
  await store.close();
  expect(basalt(folder, ['serve']).status).toBe(70);
});
