/** Rows that an earlier version wrote are still there, and say the same, after the migrations that have come since. */
import { randomUUID } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { isRebuildDue, rebuild } from '#store/rebuild.ts';
import type { Writer } from '#store/writer.ts';
import { killAfter, stepsAfter, worthTrying } from '../store/migration-kill.ts';
import { olderJobs } from '../store/older/jobs.ts';
import { readEveryLog } from '../store/read-every-log.ts';
import { readable } from '../store/readable.ts';
import { type Place, temporaryFolder, temporaryWriter, write } from '../store/temporary.ts';
import { databaseUrl, inDatabase } from './setup.ts';

const MIGRATIONS = join(import.meta.dirname, '../../migrations/postgres');
const OLDER = join(import.meta.dirname, '../store/older');
const STORES = readdirSync(OLDER).filter((name) => name.endsWith('.postgres.json.gz'));
const NOW = 1_790_000_000_000_000;

/** A database as that version left it. */
async function opened(name: string): Promise<Place> {
  const database = `older_${randomUUID().replaceAll('-', '')}`;
  const server = inject('postgres');
  await inDatabase(server, `CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8'`);
  onTestFinished(() => inDatabase(server, `DROP DATABASE ${database} WITH (FORCE)`));
  const url = databaseUrl(server, database);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const migrationsFolder = migrationsUpTo(Number.parseInt(name, 10));
    await migrate(drizzle(client), { migrationsFolder, migrationsSchema: 'public' });
    const rows: Record<string, { month?: number }[]> = JSON.parse(
      gunzipSync(readFileSync(join(OLDER, name))).toString(),
    );
    for (const [table, all] of Object.entries(rows)) {
      await client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
        JSON.stringify(all),
      ]);
    }
  } finally {
    await client.end();
  }
  return { url, logDir: temporaryFolder() };
}

/** The migrations that version had. */
function migrationsUpTo(newest: number): string {
  const folder = temporaryFolder();
  cpSync(MIGRATIONS, folder, { recursive: true });
  const path = join(folder, 'meta/_journal.json');
  const journal: { entries: { idx: number }[] } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.filter(({ idx }) => idx <= newest) }));
  return folder;
}

/** As an ingester prepares it. */
async function rebuilt(writer: Writer): Promise<Writer> {
  if (await isRebuildDue(writer.store.sql)) await rebuild(writer, NOW);
  await readEveryLog(writer);
  return writer;
}

// The oldest goes through every migration there is, the newest through those that are new.
test.each([...STORES.slice(0, 1), ...STORES.slice(-1)])(
  'T-43: %s: killed at statements of every migration',
  { timeout: 120_000 },
  async (name) => {
    const place = await opened(name);
    const steps = worthTrying(stepsAfter(MIGRATIONS, Number.parseInt(name, 10)));
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      await killAfter(place.url, MIGRATIONS, step, 'SELECT pg_sleep(60)');
      const others = 'pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
      await inDatabase(place.url, `SELECT pg_terminate_backend(pid) FROM ${others}`);
    }
    const older = await rebuilt(await temporaryWriter([], place));
    const fresh = await temporaryWriter();
    for (const change of olderJobs()) await write(fresh, 'alpha', change);
    expect(await readable(older.store)).toEqual(await readable(fresh.store));
  },
);

test.each(STORES)('%s: the tables are those of a new store', async (name) => {
  const older = await rebuilt(await temporaryWriter([], await opened(name)));
  const fresh = await temporaryWriter();
  for (const change of olderJobs()) await write(fresh, 'alpha', change);

  expect(await readable(older.store)).toEqual(await readable(fresh.store));
  expect(await rebuild(older, NOW)).toEqual([]);
  for (const change of olderJobs()) expect(await write(older, 'alpha', change)).toBe('unchanged');
});
