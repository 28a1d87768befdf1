import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { copyStore } from '#store/copy.ts';
import { getJob, listJobs } from '#store/job.ts';
import { getLogSlice } from '#store/log.ts';
import { isShared, SHARED_LOGS } from '#store/log-removal.ts';
import { openStore } from '#store/open.ts';
import { rebuild } from '#store/rebuild.ts';
import { retire } from '#store/retention.ts';
import { search } from '#store/search.ts';
import type { Store } from '#store/store.ts';
import { getSyncState } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { olderJobs } from './older/jobs.ts';
import { readable } from './readable.ts';
import { fileIn, type Place, temporaryFolder, temporaryPlace, temporaryWriter, write } from './temporary.ts';

const NOW = 1_790_000_000_000_000;
const LOG = Buffer.from('- {"dt": "2026-11-01T10:00:00", "lvl": "info", "msg": "hello"}\n');

/** A store that holds something of everything. */
async function filled(place?: Place): Promise<Writer> {
  const writer = await temporaryWriter(['alpha'], place);
  for (const change of olderJobs()) await write(writer, 'alpha', change);
  const change = changeOf(jobOf({ externalId: '99', description: 'net\0work', tags: ['a'] }), []);
  if (!change.results) throw new Error('it has finished');
  change.results.log = { bytes: [LOG], truncated: false };
  await write(writer, 'alpha', change);
  return writer;
}

async function opened(place: Place): Promise<Store> {
  const store = await openStore({ ...place, mode: 'write' });
  onTestFinished(() => store.close());
  return store;
}

test('T-57: there and back again: the tables, the logs and the search are the same, and the store lives on', async () => {
  const first = await filled(fileIn(temporaryFolder()));
  const second = await opened(await temporaryPlace());
  const third = await opened(fileIn(temporaryFolder()));
  await copyStore(first.store, second);
  const done = await copyStore(second, third);
  expect(done.find(({ table }) => table === 'job')).toEqual({ table: 'job', rows: 9 });

  const wanted = await readable(first.store);
  for (const store of [second, third]) {
    expect(await readable(store)).toEqual(wanted);
    expect(await store.schemaProblem()).toBeNull();
    const job = await getJob(store, ANONYMOUS, 'alpha', '99');
    const slice = await getLogSlice(store, ANONYMOUS, job?.id ?? 0, { from: 0, limit: 10, levels: null });
    expect(slice?.lines).toEqual([{ n: 0, raw: LOG.toString().trimEnd() }]);
    expect(await search(store, ANONYMOUS, 'et\0wor', { kinds: ['JOB'], limit: 5 })).toHaveLength(1);

    const writer = createWriter(store, []);
    for (const change of olderJobs()) expect(await write(writer, 'alpha', change)).toBe('unchanged');
    const more = changeOf(jobOf({ externalId: '100', device: 'new', submitter: 'new' }), []);
    expect(await write(writer, 'alpha', more)).toBe('written');
    expect(await rebuild(writer, NOW)).toEqual([]);
  }
});

test('a copy that was cut short is said so, and begins anew', async () => {
  const from = await filled();
  const to = await opened(await temporaryPlace());
  const stop = new AbortController();
  const cut = copyStore(from.store, to, {
    signal: stop.signal,
    onProgress: (table) => table === 'suite_run' && stop.abort(new Error('cut short')),
  });
  await expect(cut).rejects.toThrow('cut short');
  expect(await to.schemaProblem()).toMatch(/was not finished/);

  await copyStore(from.store, to);
  expect(await to.schemaProblem()).toBeNull();
  expect(await readable(to)).toEqual(await readable(from.store));
});

test('what is not empty is not written to', async () => {
  const [from, to] = [await filled(), await filled()];
  await expect(copyStore(from.store, to.store)).rejects.toThrow(/not empty/);
  const page = { limit: 50, after: null, before: null, backward: false };
  expect((await listJobs(to.store, ANONYMOUS, {}, page)).rows).toHaveLength(7);
});

test('a store that keeps another text than it was given is found out', async () => {
  const from = await filled();
  const to = await opened(await temporaryPlace());
  const { run } = to.sql;
  const faulty: Store = {
    ...to,
    sql: { ...to.sql, run: (text, ...values) => run(text, ...values.map((v) => (v === 'master' ? 'Master' : v))) },
  };
  await expect(copyStore(from.store, faulty)).rejects.toThrow(
    'branch: what was written does not read as what was copied',
  );
  expect(await to.schemaProblem()).toMatch(/was not finished/);
});

test('a log that is not on disk stops the copy before it begins, unless it need not be whole', async () => {
  const from = await filled(fileIn(temporaryFolder()));
  const to = await opened(await temporaryPlace());
  rmSync(from.store.logDir, { recursive: true });
  await expect(copyStore(from.store, to)).rejects.toThrow(
    /^1 logs are not in .*: name their folder by --from-logs, restore it/,
  );
  expect(await to.schemaProblem()).toMatch(/was not finished/);
  expect(await to.sql.all('SELECT 1 FROM source')).toEqual([]);

  await copyStore(from.store, to, { withoutLostLogs: true });
  expect(await readable(to)).toEqual(await readable(from.store));
});

test('T-47: what is deleted and written meanwhile is not in the copy: it is of one moment', async () => {
  const place = await temporaryPlace();
  const from = await filled(place);
  const reading = await openStore({ ...place, mode: 'read' });
  onTestFinished(() => reading.close());
  const to = await opened(fileIn(temporaryFolder()));
  const before = await readable(from.store);
  const source = await getSyncState(from, 'alpha');
  const changes: Promise<unknown>[] = [];
  await copyStore(reading, to, {
    onProgress: (table) => {
      if (table !== 'device_type') return;
      changes.push(retire(from, source?.id ?? 0, { results: 1 }, () => NOW));
      changes.push(write(from, 'alpha', changeOf(jobOf({ externalId: '100' }), [])));
    },
  });
  await Promise.all(changes);
  expect(changes).toHaveLength(2);
  expect(await readable(from.store)).not.toEqual(before);
  expect(await readable(to)).toEqual(before);
  expect(await rebuild(createWriter(to, []), NOW)).toEqual([]);
});

test('two stores that name one folder of logs say so in it, also when it goes by two names or is not there yet', async () => {
  const from = await temporaryWriter([], fileIn(temporaryFolder()));
  const folder = temporaryFolder();
  symlinkSync(from.store.logDir, join(folder, 'logs'));
  for (const logDir of [from.store.logDir, join(folder, 'logs')]) {
    const to = await opened({ ...fileIn(temporaryFolder()), logDir });
    await copyStore(from.store, to);
    expect(isShared(from.store.logDir)).toBe(true);
    rmSync(join(from.store.logDir, SHARED_LOGS));
  }
});
