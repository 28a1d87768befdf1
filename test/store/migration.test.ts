/** Stores written by earlier versions are brought to this one with all they hold. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { getJob } from '#store/job.ts';
import { isRebuildDue, rebuild } from '#store/rebuild.ts';
import { listJobCases } from '#store/test-case.ts';
import type { Writer } from '#store/writer.ts';
import { olderJobs } from './older/jobs.ts';
import { readEveryLog } from './read-every-log.ts';
import { readable } from './readable.ts';
import { fileIn, temporaryFolder, temporaryWriter, write } from './temporary.ts';

const NOW = 1_790_000_000_000_000;
const OLDER = join(import.meta.dirname, 'older');
const STORES = readdirSync(OLDER).filter((name) => name.endsWith('.db.gz'));

async function opened(name: string): Promise<Writer> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'basalt.db'), gunzipSync(readFileSync(join(OLDER, name))));
  return temporaryWriter(['alpha'], fileIn(folder));
}

async function fresh(): Promise<Writer> {
  const writer = await temporaryWriter();
  for (const change of olderJobs()) await write(writer, 'alpha', change);
  return writer;
}

test.each(STORES)(
  '%s: after the migration and the rebuild it asks for, the tables are those of a new store',
  async (name) => {
    const writer = await opened(name);
    if (await isRebuildDue(writer.store.sql)) await rebuild(writer, NOW);
    await readEveryLog(writer);

    expect(await isRebuildDue(writer.store.sql)).toBe(false);
    expect(await rebuild(writer, NOW)).toEqual([]);
    // How a block of details is packed may differ from version to version, and the digest with it.
    const tables = async (of: Writer) => {
      const { job = [], ...rest } = await readable(of.store, ['job_detail']);
      return { ...rest, job: job.map((row) => row.replace(/"digest":"[0-9a-f]*"/, '')) };
    };
    expect(await tables(writer)).toEqual(await tables(await fresh()));
  },
);

test.each(STORES)('%s: every case says what it said', async (name) => {
  const casesOf = async (writer: Writer) => {
    const job = await getJob(writer.store, ANONYMOUS, 'alpha', '6');
    const page = { limit: 100, after: null, before: null, backward: false };
    const { rows } = await listJobCases(writer.store, ANONYMOUS, job?.id ?? 0, {}, page);
    return rows.map(({ jobId: _, ...row }) => row);
  };
  const cases = await casesOf(await opened(name));

  expect(cases).toHaveLength(4);
  expect(cases).toEqual(await casesOf(await fresh()));
});

test.each(STORES)('%s: compacted once, the file shrinks from then on by itself', async (name) => {
  const { store } = await opened(name);
  const mode = async () => (await store.sql.get<{ auto_vacuum: number }>('PRAGMA auto_vacuum'))?.auto_vacuum;
  const before = await mode();
  await store.compact();

  expect([before, await mode()]).toEqual([name < '0005' ? 0 : 2, 2]);
  expect(await store.damage()).toBeNull();
});

test('a record in quarantine of before came last when it came first', async () => {
  const { sql } = (await opened('0011.db.gz')).store;
  const [letter] = await sql.all<{ at: number; lastAt: number }>('SELECT at, last_at AS "lastAt" FROM dead_letter');
  expect(letter).toEqual({ at: NOW, lastAt: NOW });
});
