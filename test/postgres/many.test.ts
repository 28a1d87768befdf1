import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replayedMasters } from '../cli/masters.ts';
import { fileIn, temporaryFolder, temporaryPlace } from '../store/temporary.ts';
import { killInTurn, sameTables } from './many.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

test('L-59, T-50: two ingesters and two servers, killed in turn: nothing is lost or doubled', {
  timeout: 300_000,
}, async () => {
  const place = await temporaryPlace();
  const folder = temporaryFolder();
  const shared = await replayedMasters(folder, '*/2 * * * * *', { perMinute: 900, store: place.url });
  const outcome = await killInTurn(shared.env, { ...place, logDir: join(shared.data, 'logs') }, 45_000);
  expect(outcome.failovers.length).toBeGreaterThan(0);
  for (const seconds of outcome.failovers) expect(seconds).toBeLessThan(30);
  expect(outcome.answers).toBeGreaterThan(0);

  const straight = join(folder, 'straight');
  const config = join(folder, 'straight.yaml');
  const { store: _, sources, ...rest } = JSON.parse(readFileSync(shared.config, 'utf8'));
  const unhurried = sources.map((source: object) => ({ ...source, budget: { concurrent: 4, perMinute: 6000 } }));
  writeFileSync(config, JSON.stringify({ ...rest, sources: unhurried }));
  const env = { ...shared.env, BASALT_CONFIG: config, BASALT_DATA: straight };
  const sync = spawn(process.execPath, [entry, 'sync', '--once'], { env, stdio: 'ignore' });
  expect(await once(sync, 'exit')).toEqual([0, null]);
  await sameTables(fileIn(straight), { ...place, logDir: join(shared.data, 'logs') });
});
