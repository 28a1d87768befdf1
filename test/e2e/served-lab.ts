/** A server of one lab that an admin may look at, on a master in memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type FakeMaster, startMaster, TOKEN } from '../adapters/fake-master.ts';

export type ServedLab = { url: string; master: FakeMaster; close(): Promise<void> };

const ENTRY = join(import.meta.dirname, '../../cli/basalt.js');
const DEADLINE_MS = 60_000;

/**
 * `prepare` fills the master before it is read, `more` is further configuration. The admin's token is "sesame". Resolves
 * once the lab is read whole.
 */
export async function serveLab(prepare: (master: FakeMaster) => void, more: object = {}): Promise<ServedLab> {
  const master = await startMaster();
  prepare(master);
  const folder = mkdtempSync(join(tmpdir(), 'basalt-e2e-'));
  const config = join(folder, 'basalt.yaml');
  const port = await freePort();
  writeFileSync(
    config,
    JSON.stringify({
      sources: [
        {
          ...{ slug: 'lab', url: master.url, token: { env: 'MASTER_TOKEN' } },
          ...{ settleSeconds: 0, poll: '* * * * * *', budget: { concurrent: 4, perMinute: 6000 } },
        },
      ],
      access: { tokens: [{ login: 'root', token: { env: 'ADMIN_TOKEN' }, role: 'admin' }] },
      ...more,
    }),
  );
  const server = spawn(process.execPath, [ENTRY, 'serve'], {
    env: {
      ...process.env,
      ...{ BASALT_CONFIG: config, BASALT_DATA: join(folder, 'data'), BASALT_LOG_LEVEL: 'silent' },
      ...{ HOST: '127.0.0.1', PORT: String(port), MASTER_TOKEN: TOKEN, ADMIN_TOKEN: 'sesame' },
    },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    if (server.exitCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    await master.close();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const end = Date.now() + DEADLINE_MS; !(await isRead(url)); await wait(200)) {
    if (Date.now() < end && server.exitCode === null) continue;
    await close();
    throw new Error('the server has not read its lab');
  }
  return { url, master, close };
}

async function isRead(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ source(slug: "lab") { lastSuccessAt } }' }),
    });
    const { data }: { data: { source: { lastSuccessAt: string | null } | null } } = JSON.parse(await response.text());
    return (data.source?.lastSuccessAt ?? null) !== null;
  } catch (cause) {
    if (cause instanceof TypeError) return false;
    throw cause;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
