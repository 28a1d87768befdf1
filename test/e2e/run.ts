/** Runs the browser tests where a Chromium is found, and says so where none is. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findChromium } from './chromium.ts';

if (findChromium() === null) {
  console.log('Browser tests were not run: no Chromium at BASALT_CHROMIUM or /usr/bin/chromium.');
} else {
  const root = join(import.meta.dirname, '../..');
  const cli = join(root, 'node_modules/@playwright/test/cli.js');
  const run = spawnSync(process.execPath, [cli, 'test', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  process.exitCode = run.status ?? 70;
}
