/** What a finished job, and a day of a hundred people, cost a real master, by who reads it. Root on Debian 12; see README.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureCost, table } from './cost.ts';
import { measureCrowd } from './crowd.ts';
import { lab, startMasters } from './masters.ts';
import { measureNotice } from './notice.ts';

const folder = mkdtempSync(join(tmpdir(), 'basalt-cost-'));
try {
  const [, beta] = await startMasters('--no-worker', '--jobs', '120', '--until', 'now');
  if (!beta) throw new Error('no second master');
  const costs = await measureCost(beta, folder, Number(process.env.COST_RATE || 0.5));
  process.stdout.write(table(costs));
  const [following] = costs;
  if (following) process.stdout.write(`\n${await measureCrowd(beta, folder, following)}`);
  process.stdout.write(`\n${await measureNotice(beta, folder)}`);
} finally {
  await lab('down', '--purge');
  rmSync(folder, { recursive: true, force: true });
}
