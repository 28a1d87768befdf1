/** 200 times kill -9 while the history of three real masters is read. Root on Debian 12; see README.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndCompare } from './kill.ts';
import { lab, startMasters } from './masters.ts';
import { createProduct } from './product.ts';

const { KILLS, KILL_JOBS } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'basalt-kills-'));
try {
  const jobs = String(Number(KILL_JOBS || 3000));
  const masters = await startMasters('--no-worker', '--jobs', jobs, '--cases-per-job', '20', '--until', 'now');
  const straight = join(folder, 'straight');
  await createProduct(masters, straight).run('sync', '--once');
  const said = await killAndCompare(masters, straight, join(folder, 'killed'), Number(KILLS || 200));
  process.stdout.write(`ok  ${said}; the same tables as of one clean run, integrity ok\n`);
} finally {
  await lab('down', '--purge');
  rmSync(folder, { recursive: true, force: true });
}
