/** The server goes and comes back: who asked meanwhile is told so, and nothing else breaks. */
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_RULES } from '#analysis/build-mapping.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { StoreUnavailable } from '#store/error.ts';
import { countJobs } from '#store/job.ts';
import { openStore } from '#store/open.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter } from '#store/writer.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { settings } from '../store/settings.ts';
import { temporaryFolder, write } from '../store/temporary.ts';
import { createCluster } from './cluster.ts';

test.each(['SIGINT', 'SIGQUIT'] as const)('after %s', { timeout: 60_000 }, async (signal) => {
  const cluster = await createCluster({ fsync: 'on' });
  onTestFinished(() => cluster.remove());
  const place = { url: cluster.url, logDir: temporaryFolder() };
  const writing = await openStore({ ...place, mode: 'write' });
  const reading = await openStore({ ...place, mode: 'read' });
  onTestFinished(async () => {
    await writing.close();
    await reading.close();
  });
  const writer = createWriter(writing, DEFAULT_RULES);
  await saveSources(writer, [settings('alpha')]);
  const add = (n: number) =>
    write(writer, 'alpha', changeOf(jobOf({ externalId: String(n), submitter: `after ${signal} ${n}` }), []));
  await add(1);
  expect(await countJobs(reading, ANONYMOUS, {})).toBe(1);

  await cluster.stop(signal);
  await expect(countJobs(reading, ANONYMOUS, {})).rejects.toSatisfy(isOutage);
  await expect(add(2)).rejects.toSatisfy(isOutage);
  await expect(openStore({ ...place, mode: 'read' })).rejects.toThrow(StoreUnavailable);

  await cluster.start();
  await add(2);
  expect(await countJobs(reading, ANONYMOUS, {})).toBe(2);
});

test('a transaction that the server loses in the middle leaves nothing, and the next one goes through', async () => {
  const cluster = await createCluster({ fsync: 'on' });
  onTestFinished(() => cluster.remove());
  const store = await openStore({ url: cluster.url, logDir: temporaryFolder(), mode: 'write' });
  onTestFinished(() => store.close());
  const add = (name: string) => store.sql.run('INSERT INTO submitter (name) VALUES (?)', name);
  const lost = store.transaction(async () => {
    await add('first');
    await cluster.stop('SIGQUIT');
    await cluster.start();
    await add('second');
  });
  await expect(lost).rejects.toThrow(StoreUnavailable);

  await store.transaction(() => add('third'));
  expect(await store.sql.all('SELECT name FROM submitter')).toEqual([{ name: 'third' }]);
});

function isOutage(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof StoreUnavailable) return true;
  return false;
}
