/** Writes olderJobs into a new store and packs it: run by the commit whose store is to be kept. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DEFAULT_RULES } from '#analysis/build-mapping.ts';
import { openStore } from '#store/open.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState, saveSources } from '#store/write-source.ts';
import { createWriter } from '#store/writer.ts';
import { settings } from '../settings.ts';
import { olderJobs } from './jobs.ts';

const [, , target] = process.argv;
if (!target) throw new Error('write: FILE is missing');
const folder = mkdtempSync(join(tmpdir(), 'basalt-older-'));
const store = await openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'write' });
const writer = createWriter(store, DEFAULT_RULES);
await saveSources(writer, [settings('alpha')]);
const source = await getSyncState(writer, 'alpha');
if (!source) throw new Error('no source');
for (const change of olderJobs()) {
  const packed = packJob(writer, change);
  await writer.transaction(() => writeJob(writer, source, packed, 1_790_000_000_000_000, 'SCHEDULE'));
}
await store.sql.run('VACUUM');
await store.close();
writeFileSync(target, gzipSync(readFileSync(join(folder, 'basalt.db')), { level: 9 }));
rmSync(folder, { recursive: true });
