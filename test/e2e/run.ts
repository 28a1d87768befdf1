/** Runs the browser tests where a Chromium is found, and says so where none is. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { findChromium } from './chromium.ts';

if (findChromium() === null) {
  console.log('Browser tests were not run: no Chromium at BASALT_CHROMIUM or /usr/bin/chromium.');
} else {
  const root = join(import.meta.dirname, '../..');
  const cli = join(root, 'node_modules/@playwright/test/cli.js');
  const env = { ...process.env, BASALT_E2E_PORT: process.env.BASALT_E2E_PORT || String(await freePort()) };
  const run = spawnSync(process.execPath, [cli, 'test', ...process.argv.slice(2)], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  process.exitCode = run.status ?? 70;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
