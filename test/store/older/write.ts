/**
 * Writes olderJobs into a new store and packs it: run by the commit whose store is to be kept.
 * write.ts 0002.db.gz keeps SQLite's file, write.ts 0001.postgres.json.gz the rows of PostgreSQL's tables.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState, quarantine, saveSources } from '#store/write-source.ts';
import { createWriter } from '#store/writer.ts';
import { createCluster } from '../../postgres/cluster.ts';
import { settings } from '../settings.ts';
import { olderJobs } from './jobs.ts';

const [, , target] = process.argv;
if (!target) throw new Error('write: FILE is missing');
const folder = mkdtempSync(join(tmpdir(), 'basalt-older-'));
const cluster = target.includes('.postgres.') ? await createCluster() : null;
const path = join(folder, 'basalt.db');
const store = await openStore({ url: cluster?.url ?? `sqlite:${path}`, mode: 'write', logDir: folder });
const writer = createWriter(store, []);
await saveSources(writer, [settings('alpha')]);
const source = await getSyncState(writer, 'alpha');
if (!source) throw new Error('no source');
for (const change of olderJobs()) {
  const packed = packJob(writer, change);
  await writer.transaction(() => writeJob(writer, source, packed, 1_790_000_000_000_000, 'SCHEDULE'));
}
const odd = { stage: 'job', externalId: '7', path: 'jobs/ results[6].state', reason: 'odd', raw: '{}' } as const;
await writer.transaction(() => quarantine(writer, source.id, [odd], 1_790_000_000_000_000));
const kept = cluster ? Buffer.from(JSON.stringify(await rowsOf(store))) : null;
if (!cluster) await store.sql.run('VACUUM');
await store.close();
writeFileSync(target, gzipSync(kept ?? readFileSync(path), { level: 9 }));
await cluster?.remove();
rmSync(folder, { recursive: true });

/** Rows by table, as PostgreSQL writes them in JSON. */
async function rowsOf({ sql }: Store): Promise<Record<string, unknown[]>> {
  const tables = await sql.all<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
       AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '__drizzle_migrations' ORDER BY 1`,
  );
  const all: Record<string, unknown[]> = {};
  for (const { name } of tables) {
    const rows = await sql.all<{ row: unknown }>(`SELECT to_json(t) AS row FROM ${name} t`);
    if (rows.length > 0) all[name] = rows.map(({ row }) => row);
  }
  return all;
}
