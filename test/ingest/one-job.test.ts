/** One job that is told of more than once, and jobs that only look like one: each is stored once. */
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { syncSource } from '#ingest/sync.ts';
import { listJobs } from '#store/job.ts';
import { rebuild } from '#store/rebuild.ts';
import { getSource, statusOf } from '#store/source.ts';
import { getSyncState, saveSources } from '#store/write-source.ts';
import { addJob, type FakeMaster, startMaster } from '../adapters/fake-master.ts';
import { openLava } from '../adapters/open-lava.ts';
import { readable } from '../store/readable.ts';
import { settings } from '../store/settings.ts';
import { temporaryWriter } from '../store/temporary.ts';
import { EVERYTHING } from './audit-world.ts';

const NOW = Date.now() * 1000;
const PAGE = { limit: 1_000, after: null, before: null, backward: false };
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i);

async function labs(...slugs: string[]) {
  const masters = new Map<string, FakeMaster>();
  for (const slug of slugs) masters.set(slug, await startMaster());
  const writer = await temporaryWriter([...masters].map(([slug, { url }]) => ({ ...settings(slug), url })));
  onTestFinished(async () => {
    for (const master of masters.values()) await master.close();
  });
  const { sql } = writer.store;
  return {
    writer,
    sql,
    master(slug = 'lab') {
      const found = masters.get(slug);
      if (!found) throw new Error(`no ${slug}`);
      return found;
    },
    move: (slug: string, master: FakeMaster) => masters.set(slug, master),
    async sync(slug = 'lab', inSeconds = 0) {
      const { adapter, http } = openLava(masters.get(slug) ?? { url: '' }, { slug });
      const report = await syncSource(
        {
          writer,
          adapter,
          slug,
          now: () => NOW + inSeconds * 1_000_000,
          signal: new AbortController().signal,
          log: pino({ level: 'silent' }),
          onFinished: () => undefined,
          refresh: { probe: true, fleet: true },
        },
        'SCHEDULE',
      );
      await http.close();
      return report;
    },
    async list() {
      const { rows } = await listJobs(writer.store, EVERYTHING, { includeHealthChecks: true }, PAGE);
      return rows;
    },
    forget: () => sql.run('UPDATE source SET bookmark = NULL'),
  };
}

test('T-01: the same pages read twice change nothing', async () => {
  const { writer, sql, master, sync, forget } = await labs('lab');
  for (let id = 1; id <= 12; id++) addJob(master(), id);
  expect(await sync()).toMatchObject({ jobsWritten: 12 });
  const told = async () => ({
    tables: await readable(writer.store),
    revisions: await sql.all('SELECT external_id, revision, changed_at FROM job ORDER BY external_id'),
  });
  const before = await told();
  await forget();
  expect(await sync('lab', 900)).toMatchObject({ jobsRead: 12, jobsWritten: 0, state: 'succeeded' });
  expect(await told()).toEqual(before);
});

test('L-47: a log that the master has packed meanwhile is the same log', async () => {
  const { sql, master, sync, forget } = await labs('lab');
  addJob(master(), 1);
  await sync();
  await forget();
  master().packed.set(1, 1_000_000);
  expect(await sync()).toMatchObject({ jobsRead: 1, jobsWritten: 0 });
  expect(await sql.all('SELECT bytes FROM log')).toHaveLength(1);
});

test('L-57, T-05: the same numbers and hostnames on two masters are two jobs and two boards', async () => {
  const { writer, master, sync, list, sql } = await labs('alpha', 'beta');
  for (const slug of ['alpha', 'beta']) for (let id = 1; id <= 5; id++) addJob(master(slug), id);
  for (const slug of ['alpha', 'beta']) await sync(slug);
  const jobs = await list();
  expect(new Set(jobs.map(({ externalId, slug }) => `${slug} ${externalId}`)).size).toBe(10);
  expect(await sql.all("SELECT id FROM device WHERE hostname = 'qemu-1'")).toHaveLength(2);
  const perLab = await sql.all('SELECT source_id, sum(pass) AS n FROM job GROUP BY source_id ORDER BY source_id');
  expect(perLab.map((row) => Number((row as { n: number }).n))).toEqual([15, 15]);
  expect(await rebuild(writer, NOW)).toEqual([]);
});

test('L-16, T-11: a master whose numbers begin anew is noticed by the next sync; its old jobs stay', async () => {
  const { writer, master, sync, list } = await labs('lab');
  for (let id = 1; id <= 40; id++) addJob(master(), id);
  await sync();
  master().jobs.clear();
  for (let id = 1; id <= 3; id++)
    addJob(master(), id, { submit_time: `2026-07-01T00:00:0${id}Z`, end_time: `2026-07-01T00:01:0${id}Z` });
  expect(await sync('lab', 900)).toMatchObject({ state: 'succeeded', jobsWritten: 3 });
  const jobs = await list();
  expect(jobs.filter(({ epoch }) => epoch === 0)).toHaveLength(40);
  expect(
    jobs
      .filter(({ epoch }) => epoch === 1)
      .map(({ externalId }) => Number(externalId))
      .sort(),
  ).toEqual([1, 2, 3]);
  expect(await rebuild(writer, NOW)).toEqual([]);
});

test('L-15, T-11: of a master that was restored the jobs it still has are counted once, and those it lost stay', async () => {
  const { writer, sql, master, sync, list } = await labs('lab');
  for (let id = 1; id <= 12; id++) addJob(master(), id);
  await sync();
  for (let id = 9; id <= 12; id++) master().jobs.delete(id);
  for (const id of [9, 10])
    addJob(master(), id, { submit_time: '2026-07-01T00:00:00Z', end_time: `2026-07-01T00:00:${id + 10}Z` }, 1);
  expect(await sync('lab', 900)).toMatchObject({ state: 'succeeded' });
  const jobs = await list();
  const of = (epoch: number) =>
    jobs
      .filter((job) => job.epoch === epoch)
      .map(({ externalId }) => Number(externalId))
      .sort((a, b) => a - b);
  expect([of(0), of(1)]).toEqual([upTo(12, 9), upTo(10)]);
  const total = await sql.get<{ n: number }>('SELECT sum(pass) AS n FROM job');
  expect(Number(total?.n)).toBe(12 * 3 + 2);
  expect(await rebuild(writer, NOW)).toEqual([]);
  expect(await sync('lab', 1_800)).toMatchObject({ state: 'succeeded', jobsWritten: 0 });
});

test('L-17: a master that moved to another address is the same master, and its links follow', async () => {
  const { writer, master, move, sync, list } = await labs('lab');
  for (let id = 1; id <= 5; id++) addJob(master(), id);
  await sync();
  const old = master();
  const moved = await startMaster();
  onTestFinished(() => moved.close());
  for (let id = 1; id <= 6; id++) addJob(moved, id);
  move('lab', moved);
  await old.close();
  await saveSources(writer, [{ ...settings('lab'), url: moved.url }]);
  expect(await sync('lab', 900)).toMatchObject({ state: 'succeeded', jobsWritten: 1 });
  const jobs = await list();
  expect(jobs).toHaveLength(6);
  for (const { epoch, url, externalId } of jobs) expect([epoch, url]).toEqual([0, `scheduler/job/${externalId}`]);
});

test('L-12, T-28: a token that is refused on everything deletes nothing and is said in words', async () => {
  const { writer, master, sync, list, sql } = await labs('lab');
  for (let id = 1; id <= 5; id++) addJob(master(), id);
  await sync();
  const before = await list();
  master().fault = (asked, response) => {
    if (asked.authorization === undefined) return undefined;
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"detail":"Invalid token."}');
    return true;
  };
  const asked = master().asked.length;
  expect(await sync('lab', 900)).toMatchObject({ state: 'failed', error: { code: 'UNAUTHORIZED' } });
  expect(master().asked.length - asked).toBeLessThanOrEqual(3);
  expect(await list()).toEqual(before);
  expect(await sql.all('SELECT id FROM job WHERE gone_at IS NOT NULL')).toEqual([]);
  const source = await getSource(writer.store, EVERYTHING, 'lab');
  expect(source && statusOf(source, NOW)).toMatchObject({ reason: expect.stringContaining('the token is refused') });
  expect(await getSyncState(writer, 'lab')).toMatchObject({ epoch: 0 });
});

test('what was set aside of a board is over when all boards are understood again', async () => {
  const { master, sync, sql } = await labs('lab');
  const { devices } = master().lists;
  devices.push({ ...devices[0], hostname: 'odd-1', state: 7 });
  const open = async () =>
    (await sql.all<{ id: string }>('SELECT external_id AS id FROM dead_letter WHERE resolved_at IS NULL')).map(
      ({ id }) => id,
    );
  await sync();
  expect(await open()).toEqual(['odd-1']);
  await sync();
  expect(await open()).toEqual(['odd-1']);
  Object.assign(devices.at(-1) ?? {}, { state: 'Idle' });
  await sync();
  expect(await open()).toEqual([]);
});
