/** The server goes and comes back: who asked meanwhile is told so, and nothing else breaks. */
import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { buildApp } from '#api/app.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { StoreUnavailable } from '#store/error.ts';
import { countJobs } from '#store/job.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter } from '#store/writer.ts';
import { wayTo } from '../fault-proxy/silence.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { settings } from '../store/settings.ts';
import { temporaryFolder, write } from '../store/temporary.ts';
import { createCluster } from './cluster.ts';

test.each(['SIGINT', 'SIGQUIT'] as const)('T-42: after %s', { timeout: 60_000 }, async (signal) => {
  const cluster = await createCluster({ fsync: 'on' });
  onTestFinished(() => cluster.remove());
  const place = { url: cluster.url, logDir: temporaryFolder() };
  const writing = await openStore({ ...place, mode: 'write' });
  const reading = await openStore({ ...place, mode: 'read' });
  onTestFinished(async () => {
    await writing.close();
    await reading.close();
  });
  const writer = createWriter(writing, []);
  await saveSources(writer, [settings('alpha')]);
  const add = (n: number) =>
    write(writer, 'alpha', changeOf(jobOf({ externalId: String(n), submitter: `after ${signal} ${n}` }), []));
  await add(1);
  expect(await countJobs(reading, ANONYMOUS, {})).toMatchObject({ count: 1 });

  await cluster.stop(signal);
  await expect(countJobs(reading, ANONYMOUS, {})).rejects.toSatisfy(isOutage);
  await expect(add(2)).rejects.toSatisfy(isOutage);
  await expect(openStore({ ...place, mode: 'read' })).rejects.toThrow(StoreUnavailable);

  await cluster.start();
  await add(2);
  expect(await countJobs(reading, ANONYMOUS, {})).toMatchObject({ count: 2 });
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

const query = encodeURIComponent('{ jobs { totalCount } coverage { complete } }');
const ALL_WELL = Array.from({ length: 5 }, () => [200, null]);
const ALL_AWAY = [...Array.from({ length: 4 }, () => [503, '5']), [200, null]];

/** A server over the store; what each of its addresses answers. */
async function serverOver(store: Store): Promise<{ url: string; answers(): Promise<unknown[]> }> {
  const app = await buildApp({
    store,
    access: [],
    events: new EventEmitter(),
    logger: pino({ level: 'silent' }),
    version: 'test',
    startedAt: 0,
    pages: async () => ({ handle: async (_, response) => void response.end('a page') }),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const answerOf = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return [response.status, response.headers.get('retry-after')];
  };
  const paths = [`/graphql?query=${query}`, '/readyz', '/metrics', '/jobs', '/livez'];
  return { url, answers: () => Promise.all(paths.map(answerOf)) };
}

test('T-42: a server says 503 and when to ask again, and answers as soon as the store does', {
  timeout: 60_000,
}, async () => {
  const cluster = await createCluster();
  onTestFinished(() => cluster.remove());
  const place = { url: cluster.url, logDir: temporaryFolder() };
  await (await openStore({ ...place, mode: 'write' })).close();
  const store = await openStore({ ...place, mode: 'read' });
  onTestFinished(() => store.close());
  const { url, answers } = await serverOver(store);
  expect(await answers()).toEqual(ALL_WELL);

  await cluster.stop('SIGQUIT');
  expect(await answers()).toEqual(ALL_AWAY);
  const graphql = await (await fetch(`${url}/graphql?query=${query}`)).json();
  expect(graphql).toEqual({ errors: [{ message: expect.any(String), extensions: { code: 'UNAVAILABLE' } }] });
  const page = await (await fetch(`${url}/jobs`)).text();
  expect(page).toContain('The store does not answer just now');
  expect(JSON.stringify(graphql) + page).not.toMatch(/127\.0\.0\.1|ECONN|postgres/i);

  await cluster.start();
  expect(await answers()).toEqual(ALL_WELL);
});

test('a database that takes questions and never answers is an outage, too', { timeout: 60_000 }, async () => {
  const cluster = await createCluster();
  onTestFinished(() => cluster.remove());
  const way = await wayTo(cluster.url);
  const place = { url: way.url, logDir: temporaryFolder() };
  await (await openStore({ ...place, mode: 'write' })).close();
  const store = await openStore({ ...place, mode: 'read', patienceMs: 500 });
  onTestFinished(() => store.close());
  const { answers } = await serverOver(store);
  expect(await answers()).toEqual(ALL_WELL);

  way.fallSilent();
  expect(await answers()).toEqual(ALL_AWAY);

  way.speak();
  expect(await answers()).toEqual(ALL_WELL);
});

function isOutage(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof StoreUnavailable) return true;
  return false;
}
