import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { endRun, getSyncState, saveProgress, saveSources, startRun } from '#store/write-source.ts';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';

/** What the subscription has delivered so far. */
function subscribe(
  server: Server,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): unknown[] {
  class AsBrowser extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { headers });
    }
  }
  const client = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: AsBrowser });
  const seen: unknown[] = [];
  const stop = client.subscribe(
    { query, variables },
    {
      next: ({ data, errors }) => seen.push(errors ?? data),
      error: (error) => seen.push(error),
      complete: () => undefined,
    },
  );
  onTestFinished(async () => {
    stop();
    await client.dispose();
  });
  return seen;
}

test('S-03: a finished job arrives, a hidden one and one that does not match do not', { timeout: 20_000 }, async () => {
  const server = await startServer({
    sources: [settings('open'), settings('secret', { visibility: 'RESTRICTED', teams: ['x'] })],
  });
  const all = subscribe(server, 'subscription { jobFinished { externalId source { slug } counts { fail } } }');
  const failing = subscribe(server, 'subscription { jobFinished(filter: {hasFailures: true}) { externalId } }');
  await expect.poll(() => server.events.listenerCount('jobFinished')).toBeGreaterThan(0);
  await addJob(server, 'secret', 1);
  await addJob(server, 'open', 2, { isPublic: false });
  await addJob(server, 'open', 3, {}, ['PASS']);
  await addJob(server, 'open', 4, {}, ['FAIL']);

  await expect
    .poll(
      () => {
        for (const [source, externalId] of [
          ['secret', '1'],
          ['open', '2'],
          ['open', '3'],
          ['open', '4'],
        ] as const)
          server.events.emit('jobFinished', { source, epoch: 0, externalId });
        return failing.length;
      },
      { timeout: 10_000, interval: 300 },
    )
    .toBeGreaterThan(0);

  const ids = (rows: unknown[]) =>
    new Set(rows.map((row) => (row as { jobFinished: { externalId: string } }).jobFinished.externalId));
  await expect.poll(() => [...ids(all)].sort()).toEqual(['3', '4']);
  expect([...ids(failing)]).toEqual(['4']);
});

test('S-36: who has signed in hears of what the token sees; a socket that another site opened does not', async () => {
  const access = [{ login: 'ann', token: 'ann-token', teams: [], role: 'viewer' as const }];
  const server = await startServer({
    sources: [settings('open'), settings('inside', { visibility: 'INTERNAL' })],
    access,
  });
  const query = 'subscription { jobFinished { source { slug } } }';
  const as = (headers: Record<string, string>) =>
    subscribe(server, query, {}, { cookie: 'basalt_token=ann-token', ...headers });
  const own = as({ origin: server.url });
  const foreign = as({ origin: 'https://evil.example' });
  await addJob(server, 'open', 1);
  await addJob(server, 'inside', 2);
  const slugs = (rows: unknown[]) =>
    [
      ...new Set(rows.map((row) => (row as { jobFinished: { source: { slug: string } } }).jobFinished.source.slug)),
    ].sort();

  await expect
    .poll(
      () => {
        server.events.emit('jobFinished', { source: 'inside', epoch: 0, externalId: '2' });
        server.events.emit('jobFinished', { source: 'open', epoch: 0, externalId: '1' });
        return [slugs(own), slugs(foreign)];
      },
      { timeout: 10_000, interval: 200 },
    )
    .toEqual([['inside', 'open'], ['open']]);
});

test.each([
  [
    'what costs too much',
    'subscription { jobFinished { source { syncRuns(first: 200) { nodes { trigger } } } device { jobs(first: 200) { nodes { testCases(first: 200) { nodes { name } } } } } } }',
    /The query costs/,
  ],
  ['what the schema does not have', 'subscription { jobFinished { nonsense } }', /Cannot query field/],
  [
    'a filter that means nothing',
    'subscription { jobFinished(filter: {build: "v1"}) { id } }',
    /needs .*project.*: versions repeat/,
  ],
])('a socket refuses %s in words', async (_, query, words) => {
  const server = await startServer({ sources: ['alpha'] });

  const seen = subscribe(server, query);

  await expect
    .poll(() => JSON.stringify(seen.map((each) => (each instanceof Error ? each.message : each))))
    .toMatch(words);
});

test.each([
  ['lines of a log', 5000, 'log(limit: $n) { lines { text } }'],
  ['days of a source', 400, 'source { activity(days: $n) { counts { pass fail skip unknown total } } }'],
])('%s that a variable asks for are counted', async (_, n, field) => {
  const server = await startServer({ sources: ['alpha'] });

  const query = `subscription ($n: Int) { jobFinished { device { jobs(first: 100) { nodes { ${field} } } } } }`;
  const seen = subscribe(server, query, { n });

  await expect
    .poll(() => JSON.stringify(seen.map((each) => (each instanceof Error ? each.message : each))))
    .toMatch(/The query costs/);
});

const NOTHING = { requests: 0, bytes: 0, jobsRead: 0, jobsWritten: 0, publicRead: 0, publicWritten: 0, rejected: 0 };
const ENDED = { isWhole: true, upTo: null, error: null, usage: { usedLastMinute: 0, p95Ms: null, slowdown: null } };

test('the run of a source is told as it goes on, and its status when it changes, to who may see it', async () => {
  const server = await startServer({
    sources: [settings('open'), settings('secret', { visibility: 'RESTRICTED', teams: ['x'] })],
    access: [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }],
  });
  const { writer } = server;
  const ids = new Map<string, number>();
  for (const slug of ['open', 'secret']) ids.set(slug, (await getSyncState(writer, slug))?.id ?? 0);
  const idOf = (slug: string) => ids.get(slug) ?? 0;
  const RUN = 'subscription ($slug: String!) { syncProgress(source: $slug) { state jobsRead requests } }';
  const STATUS = 'subscription ($slugs: [String!]) { sourceStatusChanged(slugs: $slugs) { slug status } }';
  const admin = { authorization: 'Bearer root-token' };
  const run = await startRun(writer, idOf('open'), 'SCHEDULE', Date.now() * 1000);
  const told = {
    visitor: subscribe(server, RUN, { slug: 'open' }),
    admin: subscribe(server, RUN, { slug: 'open' }, admin),
  };
  const hidden = subscribe(server, RUN, { slug: 'secret' });
  const statuses = [
    subscribe(server, STATUS),
    subscribe(server, STATUS, { slugs: ['secret'] }, admin),
    subscribe(server, STATUS, { slugs: ['secret'] }),
  ];
  const states = (seen: unknown[]) =>
    (seen as { syncProgress: { state: string; jobsRead: number } }[]).map(
      ({ syncProgress: { state, jobsRead } }) => `${state} ${jobsRead}`,
    );
  await expect.poll(() => [states(told.visitor), states(told.admin)]).toEqual([['running 0'], ['running 0']]);
  expect(JSON.stringify(hidden)).toMatch(/no such source.*NOT_FOUND/);

  // A private job is read: an admin hears of it, a visitor does not.
  await writer.transaction(() => saveProgress(writer, run, { ...NOTHING, requests: 3, jobsRead: 1 }));
  await expect.poll(() => states(told.admin), { timeout: 5_000 }).toEqual(['running 0', 'running 1']);
  const totals = { ...NOTHING, requests: 9, jobsRead: 5, publicRead: 4 };
  const now = Date.now() * 1000;
  await endRun(writer, idOf('open'), run, { ...totals, ...ENDED, state: 'succeeded', upTo: now }, now);
  await expect.poll(() => states(told.visitor), { timeout: 5_000 }).toEqual(['running 0', 'succeeded 4']);
  await expect.poll(() => states(told.admin).at(-1)).toBe('succeeded 5');

  await expect
    .poll(() => statuses[0], { timeout: 5_000 })
    .toEqual([{ sourceStatusChanged: { slug: 'open', status: 'HEALTHY' } }]);
  await saveSources(writer, [settings('open')]);
  await expect
    .poll(() => statuses[1], { timeout: 5_000 })
    .toEqual([{ sourceStatusChanged: { slug: 'secret', status: 'PAUSED' } }]);
  expect([statuses[0]?.length, statuses[2]]).toEqual([1, []]);
});
