/** A migration that is killed at any statement leaves the store as it was; the next start brings it to this version. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isRebuildDue, rebuild } from '#store/rebuild.ts';
import { killAfter, stepsAfter, worthTrying } from './migration-kill.ts';
import { readable } from './readable.ts';
import { fileIn, temporaryFolder, temporaryWriter } from './temporary.ts';

const MIGRATIONS = join(import.meta.dirname, '../../migrations/sqlite');
const STORE = gunzipSync(readFileSync(join(import.meta.dirname, 'older/0000.db.gz')));
const NOW = 1_790_000_000_000_000;
const ENDLESS = `UPDATE job SET epoch = epoch WHERE -1 =
  (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000000000000) SELECT count(*) FROM c)`;

test('T-43: killed at statements of every migration', { timeout: 240_000 }, async () => {
  const migrated = async (folder: string) => {
    const writer = await temporaryWriter(['alpha'], fileIn(folder));
    if (await isRebuildDue(writer.store.sql)) await rebuild(writer, NOW);
    return readable(writer.store);
  };
  const newFolder = () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'basalt.db'), STORE);
    return folder;
  };
  const calm = await migrated(newFolder());

  const steps = worthTrying(stepsAfter(MIGRATIONS, 0));
  expect(steps.length).toBeGreaterThan(30);
  for (const step of steps) {
    const folder = newFolder();
    await killAfter(join(folder, 'basalt.db'), MIGRATIONS, step, ENDLESS);
    expect(await migrated(folder), `${step.file} ${step.statement}`).toEqual(calm);
  }
});
