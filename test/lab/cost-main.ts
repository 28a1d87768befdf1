/** What a finished job costs a real master, by who reads it. Root on Debian 12; see README.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureCost, table } from './cost.ts';
import { lab, startMasters } from './masters.ts';

const folder = mkdtempSync(join(tmpdir(), 'basalt-cost-'));
try {
  const [, beta] = await startMasters('--no-worker', '--jobs', '120', '--until', 'now');
  if (!beta) throw new Error('no second master');
  process.stdout.write(table(await measureCost(beta, folder, Number(process.env.COST_RATE || 0.5))));
} finally {
  await lab('down', '--purge');
  rmSync(folder, { recursive: true, force: true });
}
