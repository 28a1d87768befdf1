/** What is open, and what of it is left when rights change. */
import { createClient, type Client as WsClient } from 'graphql-ws';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { createStanding, TooManyOpen } from '#api/standing.ts';
import { ANONYMOUS, type Person } from '#schema/viewer.ts';
import { saveAccount } from '#store/account.ts';
import { peopleBy } from '#store/credential.ts';
import { endSession } from '#store/session.ts';
import { saveSources } from '#store/write-source.ts';
import { settings } from '../store/settings.ts';
import { temporaryWriter } from '../store/temporary.ts';
import { addJob, type Server, startServer } from './server.ts';
import { ADMIN, signedIn } from './signed-in.ts';

const now = () => Date.now() * 1000;

type Heard = { client: WsClient; jobs: string[]; closed: { code: number; reason: string }[] };

function listen(
  server: Server,
  options: { headers?: Record<string, string>; payload?: Record<string, unknown> },
): Heard {
  class WithHeaders extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { headers: options.headers ?? {} });
    }
  }
  const heard: Omit<Heard, 'client'> = { jobs: [], closed: [] };
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WithHeaders,
    retryAttempts: 0,
    ...(options.payload ? { connectionParams: options.payload } : {}),
    on: {
      closed(event) {
        const { code, reason } = event as { code: number; reason: string };
        heard.closed.push({ code, reason });
      },
    },
  });
  client.subscribe<{ jobFinished: { externalId: string; source: { slug: string } } }>(
    { query: 'subscription { jobFinished { externalId source { slug } } }' },
    {
      next: ({ data }) => data && heard.jobs.push(`${data.jobFinished.source.slug}/${data.jobFinished.externalId}`),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  onTestFinished(() => void client.dispose());
  return { client, ...heard };
}

const tell = (server: Server, source: string, externalId: string) =>
  server.events.emit('jobFinished', { source, epoch: 0, externalId });

async function world() {
  const server = await startServer({
    sources: [settings('open'), settings('kernel', { visibility: 'RESTRICTED', teams: ['kernel'] })],
  });
  await addJob(server, 'open', 1);
  await addJob(server, 'kernel', 2);
  for (const number of [3, 4]) await addJob(server, 'open', number);
  return server;
}

const both = async (server: Server, heard: Heard, expected: string[]) =>
  await expect
    .poll(
      () => {
        tell(server, 'kernel', '2');
        tell(server, 'open', '1');
        return [...new Set(heard.jobs)].sort();
      },
      { timeout: 10_000, interval: 100 },
    )
    .toEqual(expected);

test('S-16: a revoked token, an ended session and a team taken away close what was opened by them', {
  timeout: 30_000,
}, async () => {
  const server = await world();
  const { store } = server.writer;
  const [ann, ben, cat] = [await signedIn(store), await signedIn(store, 'ben'), await signedIn(store, 'cat')];
  const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });
  const byToken = listen(server, bearer(ann.token.secret));
  const bySession = listen(server, { headers: { cookie: `basalt_token=${ben.session.secret}`, origin: server.url } });
  const byTeam = listen(server, { payload: { authorization: `Bearer ${cat.token.secret}` } });
  const visitor = listen(server, {});
  for (const heard of [byToken, bySession, byTeam]) await both(server, heard, ['kernel/2', 'open/1']);
  await both(server, visitor, ['open/1']);

  const closed = [{ code: 4403, reason: expect.stringContaining('revoked') }];
  await ann.revoke();
  await endSession(store, ben.session.hash);
  for (const heard of [byToken, bySession]) await expect.poll(() => heard.closed, { timeout: 2_000 }).toEqual(closed);

  await saveAccount(store, ADMIN, { login: 'cat', teams: [] }, now());
  tell(server, 'open', '3');
  await expect.poll(() => byTeam.closed, { timeout: 2_000 }).toEqual(closed);
  await expect.poll(() => visitor.jobs).toContain('open/3');
  expect([byToken, bySession, byTeam].flatMap(({ jobs }) => jobs)).not.toContain('open/3');
  expect(visitor.closed).toEqual([]);
});

test('S-04: what is hidden after subscribing is told no more', { timeout: 20_000 }, async () => {
  const server = await world();
  const { token } = await signedIn(server.writer.store);
  const ann = listen(server, { payload: { authorization: `Bearer ${token.secret}` } });
  await both(server, ann, ['kernel/2', 'open/1']);
  await saveSources(server.writer, [
    settings('open'),
    settings('kernel', { visibility: 'RESTRICTED', teams: ['others'] }),
  ]);
  await addJob(server, 'open', 3, { isPublic: false });
  await addJob(server, 'kernel', 5);
  for (const [slug, number] of [
    ['kernel', '5'],
    ['open', '3'],
    ['open', '4'],
  ] as const)
    tell(server, slug, number);
  await expect.poll(() => ann.jobs.at(-1)).toBe('open/4');
  expect(ann.jobs).not.toContain('kernel/5');
  expect(ann.jobs).not.toContain('open/3');
  expect(ann.closed).toEqual([]);
});

test('a socket that hands over a token which is none is closed in words', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const heard = listen(server, { payload: { authorization: 'Bearer nonsense' } });
  await expect.poll(() => heard.closed).toEqual([{ code: 4403, reason: expect.stringContaining('not known here') }]);
});

test('however many are open, they are looked up with one query, and when all have left with none', async () => {
  const { store } = await temporaryWriter();
  const { owner, token } = await signedIn(store);
  const found = await peopleBy(store, [{ kind: 'token', id: token.hash.toString('hex') }], now());
  const [byToken] = [...found.values()];
  if (!byToken) throw new Error('no token');
  const standing = createStanding(store, pino({ level: 'silent' }), now);
  onTestFinished(() => standing.close());
  const told: string[] = [];
  const open = (viewer: Person) => standing.open({ viewer, ip: '' }, (reason) => told.push(reason));
  const opened = Array.from({ length: 50 }, (_, i) => open(i % 2 ? owner : byToken));

  const before = store.statementCount();
  expect(await Promise.all(opened.map((one) => one.holds()))).toEqual(Array(50).fill(true));
  expect(store.statementCount() - before).toBe(1);

  await saveAccount(store, ADMIN, { login: 'ann', isDisabled: true }, now());
  expect(await Promise.all(opened.map((one) => one.holds()))).toEqual(Array(50).fill(false));
  expect([told.length, standing.openCount()]).toEqual([50, 0]);
});

test('one address has no more open than it may, and another none the less', async () => {
  const { store } = await temporaryWriter();
  const standing = createStanding(store, pino({ level: 'silent' }), now);
  onTestFinished(() => standing.close());
  const open = (ip: string) => standing.open({ viewer: ANONYMOUS, ip }, () => undefined);
  const opened = Array.from({ length: 100 }, () => open('10.0.0.1'));
  expect(() => open('10.0.0.1')).toThrow(TooManyOpen);
  open('10.0.0.2');
  opened[0]?.leave();
  opened[0]?.leave();
  open('10.0.0.1');
  expect(() => open('10.0.0.1')).toThrow(TooManyOpen);
});
