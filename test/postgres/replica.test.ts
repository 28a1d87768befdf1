/** Pages read from a standby that follows the server the ingesters write to: real streaming replication. */
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { buildApp } from '#api/app.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { getJob } from '#store/job.ts';
import { openStore } from '#store/open.ts';
import type { StoreEvent } from '#store/store.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter } from '#store/writer.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { settings } from '../store/settings.ts';
import { temporaryFolder, write } from '../store/temporary.ts';
import { createCluster } from './cluster.ts';

test('what is announced can be read there, and how far it is behind is told', { timeout: 60_000 }, async () => {
  const primary = await createCluster({ fsync: 'on' });
  onTestFinished(() => primary.remove());
  const standby = await primary.standby();
  onTestFinished(() => standby.remove());
  const place = { url: primary.url, readUrl: standby.url, logDir: temporaryFolder() };
  const writing = await openStore({ ...place, mode: 'write' });
  const writer = createWriter(writing, []);
  await saveSources(writer, [settings('alpha')]);
  await vi.waitFor(async () => {
    const store = await openStore({ ...place, mode: 'read' });
    const problem = await store.schemaProblem();
    await store.close();
    expect(problem).toBeNull();
  }, 10_000);
  const reading = await openStore({ ...place, mode: 'read' });
  const heard: { event: StoreEvent; isThere: boolean }[] = [];
  const stop = reading.listen(async (event) => {
    const job = await getJob(reading, ANONYMOUS, event.source, event.externalId);
    heard.push({ event, isThere: job !== null });
  });
  const app = await buildApp({
    store: reading,
    access: [],
    events: new EventEmitter(),
    logger: pino({ level: 'silent' }),
    version: 'test',
    startedAt: 0,
  });
  onTestFinished(async () => {
    await app.close();
    await stop();
    await Promise.all([writing.close(), reading.close()]);
  });
  const lag = async (): Promise<number> => {
    const query = '{ coverage { storeLagSeconds } }';
    const { body } = await app.inject({ method: 'POST', url: '/graphql', payload: { query } });
    return JSON.parse(body).data.coverage.storeLagSeconds;
  };
  const finish = async (n: number) => {
    await write(writer, 'alpha', changeOf(jobOf({ externalId: String(n) }), []));
    await writing.transaction(() => writing.announce({ source: 'alpha', epoch: 0, externalId: String(n) }));
  };
  const numbersHeard = () => heard.map(({ event }) => event.externalId);

  await vi.waitFor(async () => {
    await finish(1);
    expect(numbersHeard()).toContain('1');
  }, 10_000);
  expect(heard.every(({ isThere }) => isThere)).toBe(true);
  await vi.waitFor(async () => expect(await lag()).toBe(0), 10_000);

  const admin = new pg.Client({ connectionString: standby.url });
  await admin.connect();
  await admin.query('SELECT pg_wal_replay_pause()');
  await finish(2);
  await vi.waitFor(async () => expect(await lag()).toBeGreaterThanOrEqual(2), 10_000);
  expect(await getJob(reading, ANONYMOUS, 'alpha', '2')).toBeNull();
  expect(numbersHeard()).not.toContain('2');

  await admin.query('SELECT pg_wal_replay_resume()');
  await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ event: { externalId: '2' }, isThere: true }), 10_000);
  await vi.waitFor(async () => expect(await lag()).toBe(0), 10_000);
  await admin.end();
  await expect(reading.sql.run("DELETE FROM source WHERE slug = 'alpha'")).rejects.toThrow(/read-only/);

  // A standby that was started anew has replayed no transaction it could tell the time of.
  await primary.stop();
  await standby.stop();
  await standby.start();
  const isLevel = await reading.sql.get('SELECT pg_last_xact_replay_timestamp() AS at');
  expect(isLevel).toEqual({ at: null });
  await vi.waitFor(async () => expect(await lag()).toBeGreaterThanOrEqual(2), 10_000);
});
