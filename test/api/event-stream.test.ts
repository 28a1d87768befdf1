import { createClient } from 'graphql-sse';
import { expect, onTestFinished, test } from 'vitest';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';
import { signedIn } from './signed-in.ts';

const QUERY = 'subscription { jobFinished { externalId source { slug } } }';
type Told = { jobFinished: { externalId: string; source: { slug: string } } };

const tell = (server: Server, source: string, externalId: string) =>
  server.events.emit('jobFinished', { source, epoch: 0, externalId });

test('S-16: events come as the protocol says, to whom they may, until the token is revoked', {
  timeout: 20_000,
}, async () => {
  const server = await startServer({
    sources: [settings('open'), settings('kernel', { visibility: 'RESTRICTED', teams: ['kernel'] })],
  });
  await addJob(server, 'open', 1);
  await addJob(server, 'kernel', 2);
  const ann = await signedIn(server.writer.store);
  const listen = (headers: Record<string, string>) => {
    const heard = { jobs: [] as string[], errors: [] as unknown[], isOver: false };
    const client = createClient({ url: `${server.url}/graphql/stream`, headers, retryAttempts: 0 });
    client.subscribe<Told>(
      { query: QUERY },
      {
        next({ data, errors }) {
          if (data) heard.jobs.push(`${data.jobFinished.source.slug}/${data.jobFinished.externalId}`);
          if (errors) heard.errors.push(...errors);
        },
        error: (error) => heard.errors.push(error),
        complete: () => {
          heard.isOver = true;
        },
      },
    );
    onTestFinished(() => client.dispose());
    return heard;
  };
  const hers = listen({ authorization: `Bearer ${ann.token.secret}` });
  const visitors = listen({});
  await expect
    .poll(
      () => {
        tell(server, 'kernel', '2');
        tell(server, 'open', '1');
        return [hers, visitors].map(({ jobs }) => [...new Set(jobs)].sort());
      },
      { timeout: 10_000, interval: 100 },
    )
    .toEqual([['kernel/2', 'open/1'], ['open/1']]);

  await ann.revoke();
  await expect.poll(() => hers.isOver, { timeout: 2_000 }).toBe(true);
  expect(hers.errors).toMatchObject([
    { message: expect.stringContaining('revoked'), extensions: { code: 'FORBIDDEN' } },
  ]);
  expect(visitors).toMatchObject({ errors: [], isOver: false });
});

test('what is refused is said: in the stream what is wrong with the query, by the status what is wrong with the request', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const at = `${server.url}/graphql/stream`;
  const asked = (query: string) => fetch(`${at}?${new URLSearchParams({ query })}`);
  const wrong = await asked('subscription { nonsense }');
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  const [next, complete] = (await wrong.text()).split('\n\n');
  expect(next).toMatch(/^event: next\ndata: \{"errors":\[\{"message":"Cannot query field/);
  expect(complete).toBe('event: complete\ndata:');
  expect(await (await asked('{ viewer { login } }')).text()).toMatch(/only subscriptions run/);
  expect(await (await asked('subscription { syncProgress(source: "none") { state } }')).text()).toMatch(/NOT_FOUND/);

  const nothing = await fetch(at);
  expect([nothing.status, await nothing.json()]).toMatchObject([
    400,
    { errors: [{ message: expect.stringMatching(/Missing query/), extensions: { code: 'BAD_REQUEST' } }] },
  ]);
  expect((await fetch(`${at}?query=x`, { headers: { accept: 'application/json' } })).status).toBe(406);
  expect((await fetch(at, { method: 'POST', body: 'query', headers: { 'content-type': 'text/plain' } })).status).toBe(
    415,
  );
});

test('an address has no more streams open than it may; those that are left make room', {
  timeout: 20_000,
}, async () => {
  const server = await startServer({ sources: ['alpha'] });
  const leaving = new AbortController();
  const open = () =>
    fetch(`${server.url}/graphql/stream?${new URLSearchParams({ query: QUERY })}`, { signal: leaving.signal });
  const statuses = (await Promise.all(Array.from({ length: 100 }, open))).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const refused = await open();
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
    429,
    '30',
    { errors: [{ extensions: { code: 'TOO_MANY_OPEN' } }] },
  ]);
  leaving.abort();
  const again = new AbortController();
  onTestFinished(() => again.abort());
  const address = `${server.url}/graphql/stream?${new URLSearchParams({ query: QUERY })}`;
  await expect.poll(async () => (await fetch(address, { signal: again.signal })).status, { timeout: 5_000 }).toBe(200);
});
