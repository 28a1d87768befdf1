import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';

const HOSTILE = [
  "' OR 1=1 --",
  '"; DROP TABLE job; --',
  '%',
  '_',
  '\\',
  'a\\',
  '$."a"',
  '"',
  '\0',
  'a\0b',
  '\ud800',
  '__proto__',
  'constructor',
  '',
  ' ',
  '\u202e',
  '💥',
  '[',
  '{}',
  '-1',
  'NaN',
  '9'.repeat(400),
];

const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 20 }));
const texts = fc.array(text, { maxLength: 3 });
const labels = fc.array(fc.record({ key: text, value: text }), { maxLength: 3 });
const scope = fc.record({ sources: texts, labels, deviceTypes: texts }, { requiredKeys: [] });
const jobFilter = fc.record(
  {
    scope,
    submitter: texts,
    device: text,
    worker: text,
    description: text,
    metadata: labels,
    tags: texts,
    project: text,
  },
  { requiredKeys: [] },
);
const cursor = fc.oneof(
  text,
  fc
    .array(fc.oneof(text, fc.double(), fc.maxSafeInteger()), { maxLength: 5 })
    .map((key) => Buffer.from(JSON.stringify(key)).toString('base64url')),
);
const id = fc.oneof(
  text,
  fc
    .tuple(
      fc.constantFrom('Source', 'SyncRun', 'Worker', 'Device', 'DeviceType', 'Job', 'TestCase', 'Project', 'Build'),
      fc.array(fc.oneof(text, fc.constantFrom('alpha', '1'), fc.double(), fc.maxSafeInteger()), { maxLength: 5 }),
    )
    .map(([kind, key]) => Buffer.from(JSON.stringify([kind, ...key])).toString('base64url')),
);

const MANY = process.env.BASALT_FUZZ_RUNS;
const RUNS = Number(MANY ?? 150);
const TIMEOUT = MANY === undefined ? 120_000 : 3_600_000;

/** The answer is data or the caller's own mistake in words; never our fault, and nothing of what is hidden. */
async function survives(server: Server, query: string, variables: object): Promise<void> {
  const { status, body } = await server.ask(query, { variables });
  expect(status, JSON.stringify(body)).toBeLessThan(500);
  expect(JSON.stringify(body)).not.toContain('canary');
  for (const error of body.errors ?? []) expect(error.extensions?.code, error.message).not.toBe('INTERNAL');
}

test('S-43, S-44: no text in a filter, a cursor or an id is more than a text', { timeout: TIMEOUT }, async () => {
  const sources = ['alpha', settings('canary', { visibility: 'RESTRICTED', teams: ['x'] })];
  const server = await startServer({ sources });
  await addJob(server, 'alpha', 1, { metadata: { 'git-tree': 'mainline', 'git-describe': 'v1' } });
  const canary = { description: 'canary', device: 'canary', submitter: 'canary', metadata: { 'git-tree': 'canary' } };
  await addJob(server, 'alpha', 2, { ...canary, isPublic: false }, ['PASS'], '0_canary');
  await addJob(server, 'canary', 3, canary, ['PASS'], '0_canary');
  const everywhere = `query ($job: JobFilter!, $scope: ScopeInput!, $text: String!, $texts: [String!]!, $id: ID!) {
    jobs(filter: $job) { totalCount nodes { id description device { hostname } } }
    testCases(filter: {job: $job, suite: $text, name: $text}) { nodes { id suite } }
    devices(filter: {scope: $scope, health: $texts, state: $texts, worker: $text, tag: $text}) { totalCount nodes { id } }
    workers(filter: {scope: $scope, health: $texts, state: $texts}) { totalCount nodes { id } }
    deviceTypes(scope: $scope) { totalCount nodes { id } }
    coverage(scope: $scope) { complete asOf sources { source { slug } } }
    source(slug: $text) { id } device(source: $text, hostname: $text) { id } job(source: $text, externalId: $text) { id }
    project(slug: $text) { id } search(text: $text) { nodes { text within } } build(project: $text, version: $text) { id } node(id: $id) { id }
  }`;
  await fc.assert(
    fc.asyncProperty(jobFilter, scope, text, texts, id, (job, part, one, several, node) =>
      survives(server, everywhere, { job, scope: part, text: one, texts: several, id: node }),
    ),
    { numRuns: RUNS },
  );

  const { jobs } = await server.data<{ jobs: { totalCount: number } }>('{ jobs { totalCount } }');
  expect(jobs.totalCount).toBe(1);
});

test('S-43: a forged cursor is refused or leads nowhere', { timeout: 120_000 }, async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 1);
  const lists = ['jobs', 'sources', 'devices', 'workers', 'deviceTypes', 'projects', 'testCases'];
  for (const args of ['first: 2, after: $c', 'last: 2, before: $c'])
    for (const list of lists)
      await fc.assert(
        fc.asyncProperty(cursor, (c) =>
          survives(
            server,
            `query ($c: String!) { ${list}(${args}${list === 'testCases' ? ', filter: {}' : ''}) { pageInfo { endCursor } nodes { id } } }`,
            { c },
          ),
        ),
        { numRuns: 25 },
      );
});

test('our own failure is told without what failed', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await server.store.close();

  const { body } = await server.ask('{ jobs { totalCount } }');

  expect(body.errors).toMatchObject([
    { message: expect.stringMatching(/^Basalt failed to answer; the request id/), extensions: { code: 'INTERNAL' } },
  ]);
  expect(JSON.stringify(body)).not.toMatch(/database|sqlite|SELECT/i);
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
});

test('S-38: every answer has an id and a policy', async () => {
  const server = await startServer({ sources: ['alpha'] });

  const { headers } = await fetch(`${server.url}/livez`);
  const proxied = await fetch(`${server.url}/livez`, { headers: { 'x-forwarded-proto': 'https' } });

  expect(headers.get('strict-transport-security')).toBeNull();
  expect(proxied.headers.get('strict-transport-security')).toBe('max-age=63072000');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('permissions-policy')).toContain('camera=()');

  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('content-security-policy')).toContain("object-src 'none'");
  // A page has a nonce besides: test/e2e/pages.spec.ts.
  expect(headers.get('content-security-policy')).toContain("script-src 'self';");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('S-26: whoever never ends what he asks is shown out, and everybody else is served', async () => {
  const { url, app } = await startServer({ sources: ['alpha'] });
  expect([app.server.headersTimeout, app.server.requestTimeout]).toEqual([10_000, 30_000]);
  app.server.headersTimeout = 300;
  app.server.requestTimeout = 600;
  const { hostname, port } = new URL(url);
  const begun = (text: string) => {
    const socket = connect(Number(port), hostname);
    socket.write(text);
    return readText(socket);
  };
  const header = 'GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ';
  const body = 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{';
  const slow = Array.from({ length: 40 }, (_, i) => begun(i % 2 ? header : body));
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
});
