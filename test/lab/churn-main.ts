/** Churn with faults for as long as CHURN_SECONDS says (600), by CHURN_SEED (the time). Root on Debian 12; see README.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { churnAndCompare } from './churn.ts';
import { lab, startMasters } from './masters.ts';

const { CHURN_SECONDS, CHURN_SEED } = process.env;
const seed = Number(CHURN_SEED || Date.now() % 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'basalt-churn-'));
try {
  const masters = await startMasters('--no-worker', '--jobs', '400', '--until', 'now');
  process.stdout.write(
    `ok  ${await churnAndCompare(masters, folder, { seconds: Number(CHURN_SECONDS || 600), seed })}\n`,
  );
} finally {
  await lab('down', '--purge');
  rmSync(folder, { recursive: true, force: true });
}
