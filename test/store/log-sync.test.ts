import fs, { readlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState } from '#store/write-source.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter } from './temporary.ts';

/** Two of these logs lie in one folder. */
const TEXTS = ['log 0\n', 'log 20\n', 'log 28\n'];

/** What is made and brought to the disk, in order. */
function watchDisk(): string[] {
  const events: string[] = [];
  const { fsyncSync, renameSync } = fs;
  fs.fsyncSync = (file) => {
    fsyncSync(file);
    events.push(`synced ${readlinkSync(`/proc/self/fd/${file}`)}`);
  };
  fs.renameSync = (from, to) => {
    renameSync(from, to);
    events.push(`named ${to}`);
  };
  syncBuiltinESMExports();
  onTestFinished(() => {
    Object.assign(fs, { fsyncSync, renameSync });
    syncBuiltinESMExports();
  });
  return events;
}

test('the names of logs are on disk before the transaction that names them ends, a folder once', async () => {
  const writer = await temporaryWriter();
  const { store } = writer;
  const source = await getSyncState(writer, 'alpha');
  if (!source) throw new Error('no source');
  const events = watchDisk();
  const { transaction } = store;
  vi.spyOn(store, 'transaction').mockImplementation((body, options) =>
    transaction(async () => {
      const value = await body();
      events.push('committed');
      return value;
    }, options),
  );

  const packed = TEXTS.map((text, i) => {
    const change = changeOf(jobOf({ externalId: String(i) }), []);
    if (change.results) change.results.log = { bytes: [Buffer.from(text)], truncated: false };
    return packJob(writer, change);
  });
  await writer.transaction(async () => {
    for (const one of packed) await writeJob(writer, source, one, 1, 'SCHEDULE');
  });

  const files = events.filter((event) => event.startsWith('named')).map((event) => event.slice('named '.length));
  const folders = [...new Set(files.map((file) => dirname(file)))];
  expect([files.length, folders.length]).toEqual([3, 2]);
  const end = events.slice(events.findLastIndex((event) => event.startsWith('named')) + 1);
  expect(end.toSorted()).toEqual(['committed', ...folders.map((folder) => `synced ${folder}`)].toSorted());
  expect(end.at(-1)).toBe('committed');
  const made = [`synced ${dirname(store.logDir)}`, ...folders.map(() => `synced ${store.logDir}`)];
  const before = events.slice(
    0,
    events.findLastIndex((event) => event.startsWith('named')),
  );
  expect(
    before.filter((event) => made.includes(event)),
    'the folders that were made, by name',
  ).toEqual(made);
});
