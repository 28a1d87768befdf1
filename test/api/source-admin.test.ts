/** Who may change what is read, and what it does: on the wire, against a master. */
import { expect, onTestFinished, test } from 'vitest';
import { type AddedSource, listAddedSources, sealedPlace } from '#store/added-source.ts';
import { createVault } from '#store/vault.ts';
import { addJob as addMasterJob, type FakeMaster, send, startMaster, TOKEN } from '../adapters/fake-master.ts';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';

const access = [
  { login: 'ann', token: 'ann-token', teams: ['kernel'], role: 'viewer' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];
const PAYLOAD =
  'source { slug name url visibility status isAdded teams waiting { kind } budget { maxConcurrent maxPerMinute } } userErrors { code field message }';
const ADD = `mutation ($input: AddSourceInput!) { addSource(input: $input) { ${PAYLOAD} } }`;
const TEST = `mutation ($input: TestSourceInput!) { testSource(input: $input) {
  result { url version whoAmI jobCount clockSkewSeconds slowestMs requests capabilities warnings sameAs { slug } }
  proposedUrl userErrors { code field message } } }`;

type Payload = {
  source: Record<string, unknown> | null;
  userErrors: { code: string; field: string | null; message: string }[];
};
type TestPayload = {
  result: Record<string, unknown> | null;
  proposedUrl: string | null;
  userErrors: Payload['userErrors'];
};

async function world(vault?: { key: string | null; file: string | null }) {
  const sources = [settings('file'), settings('other', { visibility: 'RESTRICTED', teams: ['kernel'] })];
  return startServer({ sources, access, ...(vault && { vault }) });
}

async function mutate(server: Server, name: string, input: object, token = 'root-token'): Promise<Payload> {
  const type = `${name === 'removeSource' || name === 'reconcile' ? 'Source' : name.replace(/^./, (c) => c.toUpperCase())}Input!`;
  const query = `mutation ($input: ${type}) { ${name}(input: $input) { ${PAYLOAD} } }`;
  return (await server.data<Record<string, Payload>>(query, { variables: { input }, token }))[name] as Payload;
}

async function tryMaster(server: Server, input: object, token = 'root-token'): Promise<TestPayload> {
  return (await server.data<{ testSource: TestPayload }>(TEST, { variables: { input }, token })).testSource;
}

async function master(jobs = 3): Promise<FakeMaster> {
  const one = await startMaster();
  for (let id = 1; id <= jobs; id++) addMasterJob(one, id);
  onTestFinished(async () => {
    await one.close();
    expect(one.unexpected).toEqual([]);
  });
  return one;
}

const INPUTS: Record<string, object> = {
  addSource: { slug: 'lab', url: 'http://lab.example/' },
  updateSource: { slug: 'file', name: 'x' },
  removeSource: { slug: 'file' },
  setSourceState: { slug: 'file', state: 'PAUSED' },
  startSync: { slug: 'file', kind: 'NOW' },
  reconcile: { slug: 'file' },
};

test.each(Object.keys(INPUTS))('%s is for admins alone', async (name) => {
  const server = await world();
  const before = JSON.stringify(await server.store.sql.all('SELECT * FROM source'));
  const refused = async (token?: string) => {
    const type =
      name === 'removeSource' || name === 'reconcile'
        ? 'SourceInput!'
        : `${name.replace(/^./, (c) => c.toUpperCase())}Input!`;
    const query = `mutation ($input: ${type}) { ${name}(input: $input) { ${PAYLOAD} } }`;
    const { [name]: payload } = await server.data<Record<string, Payload>>(query, {
      variables: { input: INPUTS[name] },
      ...(token && { token }),
    });
    return [payload?.source, payload?.userErrors.map(({ code }) => code)];
  };

  expect(await refused()).toEqual([null, ['UNAUTHORIZED']]);
  expect(await refused('ann-token')).toEqual([null, ['FORBIDDEN']]);
  expect(JSON.stringify(await server.store.sql.all('SELECT * FROM source'))).toBe(before);
  for (const table of ['added_source', 'source_pause', 'source_request'])
    expect(await server.store.sql.all(`SELECT * FROM ${table}`)).toEqual([]);
});

test('testing a master is for admins alone: nobody else makes the server ask anything', async () => {
  const [server, one] = [await world(), await master()];
  const query = { variables: { input: { url: one.url } } };
  const { testSource: visitor } = await server.data<{ testSource: TestPayload }>(TEST, query);
  expect(visitor).toEqual({
    result: null,
    proposedUrl: null,
    userErrors: [expect.objectContaining({ code: 'UNAUTHORIZED' })],
  });
  expect((await tryMaster(server, { url: one.url }, 'ann-token')).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect(one.asked).toEqual([]);
});

test.each([
  ['another site', { origin: 'https://evil.example' }],
  ['nobody knows where', {}],
])('a mutation that %s sends with the cookie of an admin is a visitor’s', async (_, headers) => {
  const server = await world();
  const send = (more: Record<string, string>, type = 'application/json') =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': type, cookie: 'basalt_token=root-token', ...more },
      body: JSON.stringify({ query: ADD, variables: { input: INPUTS.addSource } }),
    });
  expect(await (await send(headers)).json()).toMatchObject({
    data: { addSource: { userErrors: [{ code: 'UNAUTHORIZED' }] } },
  });
  expect((await send({ origin: server.url }, 'text/plain')).status).toBe(415);
  const query = `${server.url}/graphql?${new URLSearchParams({ query: ADD, variables: JSON.stringify({ input: INPUTS.addSource }) })}`;
  expect((await fetch(query, { headers: { authorization: 'Bearer root-token' } })).status).toBe(405);
  expect(await listAddedSources(server.store)).toEqual([]);
  expect(await (await send({ origin: server.url })).json()).toMatchObject({ data: { addSource: { userErrors: [] } } });
});

test('S-20: an added source is seen at once by who may see it; its token is nowhere to be read', async () => {
  const server = await world();
  const input = {
    slug: 'lab',
    name: 'The lab',
    url: 'https://lab.example/lava',
    token: ` ${TOKEN}\n`,
    budget: { perMinute: 60 },
  };
  expect(await mutate(server, 'addSource', input)).toEqual({
    source: {
      slug: 'lab',
      name: 'The lab',
      url: 'https://lab.example/lava/',
      visibility: 'INTERNAL',
      status: 'PENDING',
      isAdded: true,
      teams: [],
      waiting: [],
      budget: { maxConcurrent: 2, maxPerMinute: 60 },
    },
    userErrors: [],
  });
  const slugs = async (token?: string) => {
    const { sources } = await server.data<{ sources: { nodes: { slug: string }[] } }>(
      '{ sources { nodes { slug } } }',
      { ...(token && { token }) },
    );
    return sources.nodes.map(({ slug }) => slug);
  };
  expect([await slugs(), await slugs('ann-token')]).toEqual([['file'], ['file', 'lab', 'other']]);

  const [kept] = (await listAddedSources(server.store)) as [AddedSource];
  expect(Buffer.from(kept.token ?? []).includes(TOKEN)).toBe(false);
  const vault = createVault({ key: Buffer.alloc(32, 7).toString('base64'), file: null });
  expect(vault.open(kept.token ?? new Uint8Array(), sealedPlace(kept))).toBe(TOKEN);
});

test('a slug that is taken, and values that are none, are said with their field', async () => {
  const server = await world();
  const codes = async (input: object) =>
    (await mutate(server, 'addSource', { slug: 'lab', url: 'http://lab.example/', ...input })).userErrors.map(
      ({ code, field }) => [code, field],
    );
  expect(await codes({ slug: 'file' })).toEqual([['TAKEN', 'slug']]);
  expect(await codes({ slug: 'The Lab' })).toEqual([['INVALID', 'slug']]);
  expect(await codes({ slug: 'new' })).toEqual([['INVALID', 'slug']]);
  expect(await codes({ url: 'ftp://lab.example/' })).toEqual([['INVALID', 'url']]);
  expect(await codes({ url: 'http://me:secret@lab.example/' })).toEqual([['INVALID', 'url']]);
  expect(await codes({ token: 'two words' })).toEqual([['INVALID', 'token']]);
  expect(await codes({ visibility: 'RESTRICTED' })).toEqual([['INVALID', 'teams']]);
  expect(await codes({ budget: { perMinute: 1 } })).toEqual([['INVALID', 'budget.perMinute']]);
  expect(await listAddedSources(server.store)).toEqual([]);
});

test('a source is changed and removed; its results stay, and its name is not given to another master', async () => {
  const server = await world();
  await mutate(server, 'addSource', { slug: 'lab', url: 'http://lab.example/', token: TOKEN });
  const sealed = async () => (await listAddedSources(server.store))[0]?.token;
  const before = await sealed();
  const changed = await mutate(server, 'updateSource', {
    slug: 'lab',
    name: 'New',
    budget: { concurrent: 1 },
    visibility: 'PUBLIC',
  });
  expect(changed.source).toMatchObject({
    name: 'New',
    visibility: 'PUBLIC',
    budget: { maxConcurrent: 1, maxPerMinute: 120 },
  });
  expect(await sealed()).toEqual(before);
  await mutate(server, 'updateSource', { slug: 'lab', token: '' });
  expect(await sealed()).toBeNull();

  expect((await mutate(server, 'removeSource', { slug: 'lab' })).source).toMatchObject({
    slug: 'lab',
    status: 'PAUSED',
    isAdded: false,
  });
  expect(await listAddedSources(server.store)).toEqual([]);
  const again = (url: string) => mutate(server, 'addSource', { slug: 'lab', url });
  expect((await again('http://elsewhere.example/')).userErrors).toMatchObject([{ code: 'TAKEN' }]);
  expect((await again('http://lab.example/')).source).toMatchObject({ status: 'PENDING' });
});

test('a source of the file cannot be changed here, but paused', async () => {
  const server = await world();
  for (const [name, input] of [
    ['updateSource', { slug: 'file', name: 'x' }],
    ['removeSource', { slug: 'file' }],
  ] as const)
    expect((await mutate(server, name, input)).userErrors).toMatchObject([
      { code: name === 'updateSource' ? 'NOT_FOUND' : 'CONFLICT' },
    ]);
  const state = async (wanted: string) =>
    (await mutate(server, 'setSourceState', { slug: 'file', state: wanted })).source?.status;
  expect([await state('PAUSED'), await state('PAUSED'), await state('RUNNING'), await state('RUNNING')]).toEqual([
    'PAUSED',
    'PAUSED',
    'PENDING',
    'PENDING',
  ]);
  expect((await mutate(server, 'setSourceState', { slug: 'none', state: 'PAUSED' })).userErrors).toMatchObject([
    { code: 'NOT_FOUND' },
  ]);
});

test('what is asked for twice waits once, and only admins see it wait', async () => {
  const server = await world();
  await mutate(server, 'startSync', { slug: 'file', kind: 'NOW' });
  await mutate(server, 'startSync', { slug: 'file', kind: 'NOW' });
  expect((await mutate(server, 'reconcile', { slug: 'file' })).source?.waiting).toEqual([
    { kind: 'SYNC' },
    { kind: 'AUDIT' },
  ]);
  expect((await mutate(server, 'startSync', { slug: 'file', kind: 'HISTORY' })).userErrors).toMatchObject([
    { code: 'CONFLICT' },
  ]);
  const waiting = (token?: string) =>
    server.data('{ source(slug: "file") { teams waiting { kind } } }', { ...(token && { token }) });
  expect(await waiting('ann-token')).toEqual({ source: { teams: null, waiting: [] } });
  await mutate(server, 'setSourceState', { slug: 'file', state: 'PAUSED' });
  expect((await mutate(server, 'reconcile', { slug: 'file' })).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
});

test('a token is not kept where no key can keep it', async () => {
  const server = await world({ key: null, file: null });
  const { userErrors } = await mutate(server, 'addSource', { slug: 'lab', url: 'http://lab.example/', token: TOKEN });
  expect(userErrors).toEqual([
    { code: 'NO_SECRET_KEY', field: 'token', message: expect.stringContaining('set BASALT_SECRET_KEY') },
  ]);
  expect((await mutate(server, 'addSource', { slug: 'lab', url: 'http://lab.example/' })).userErrors).toEqual([]);
});

test('a master that can be read says what it is', async () => {
  const [server, one] = [await world(), await master()];
  const { result, userErrors } = await tryMaster(server, { url: one.url.slice(0, -1), token: TOKEN });
  expect(userErrors).toEqual([]);
  expect(result).toMatchObject({
    url: one.url,
    version: expect.any(String),
    whoAmI: 'reader',
    jobCount: 3,
    warnings: [],
    sameAs: null,
  });
  expect(result?.capabilities).toContain('rest-v0.2');
});

test('the same master under another address is known by its jobs', async () => {
  const [server, one] = [await world(), await master()];
  await addJob(server, 'file', 1, { submitAt: Date.parse(String(one.jobs.get(1)?.row.submit_time)) * 1000 });
  const stored = await server.store.sql.get<{ at: number }>('SELECT submit_at AS at FROM job');
  const row = one.jobs.get(1)?.row;
  if (row && stored) row.submit_time = new Date(stored.at / 1000).toISOString();
  expect((await tryMaster(server, { url: one.url, token: TOKEN })).result).toMatchObject({ sameAs: { slug: 'file' } });
});

test('a superuser’s token is warned of', async () => {
  const [server, one] = [await world(), await master()];
  for (const { row } of one.jobs.values()) row.token = 'secret';
  const { result } = await tryMaster(server, { url: one.url, token: TOKEN });
  expect(result?.warnings).toEqual([expect.stringContaining("superuser's")]);
});

test.each(['RPC2', 'api/v0.2/', 'api/v0.2/jobs/?x=1', 'scheduler/job/12', 'results/', 'accounts/login/?next=/'])(
  'a pasted %s is no address of a master, and the right one is proposed',
  async (path) => {
    const [server, one] = [await world(), await master()];
    const { proposedUrl, userErrors } = await tryMaster(server, { url: `${one.url}${path}` });
    expect([proposedUrl, userErrors[0]?.code]).toEqual([one.url, 'WRONG_PATH']);
    expect(one.asked).toEqual([]);
  },
);

test('a path with no master is told from a host with none', async () => {
  const [server, one] = [await world(), await master()];
  one.fault = ({ path }, response) => (path.startsWith('/lava/') ? send(response, 404, 'none') : undefined);
  expect(await tryMaster(server, { url: `${one.url}lava/` })).toMatchObject({
    proposedUrl: one.url,
    userErrors: [{ code: 'WRONG_PATH', field: 'url' }],
  });
  one.fault = (_, response) => send(response, 404, 'none');
  expect(await tryMaster(server, { url: `${one.url}lava/` })).toMatchObject({
    proposedUrl: null,
    userErrors: [{ code: 'NOT_A_MASTER' }],
  });
});

test.each<[string, FakeMaster['fault'], string | null, string, RegExp]>([
  [
    'a wrong token',
    (_, response) => send(response, 401, { detail: 'Invalid token.' }),
    'nonsense',
    'WRONG_TOKEN',
    /does not know this token/,
  ],
  [
    'a login wall',
    (_, response) => send(response, 302, '', { location: '/accounts/login/?next=/' }),
    null,
    'LOGIN_WALL',
    /Give a token/,
  ],
  [
    'a login page',
    (_, response) => send(response, 200, '<html><form><input type="password"></form>', { 'content-type': 'text/html' }),
    'x',
    'LOGIN_WALL',
    /although a token was sent/,
  ],
  [
    'single sign-on elsewhere',
    (_, response) => send(response, 302, '', { location: 'https://sso.example/login?x=1' }),
    'x',
    'LOGIN_WALL',
    /login page/,
  ],
  [
    'another site',
    (_, response) => send(response, 301, '', { location: 'https://lava.example/api/v0.2/system/version/' }),
    'x',
    'OTHER_ADDRESS',
    /https:\/\/lava\.example\//,
  ],
  [
    'a start page of something else',
    (_, response) => send(response, 200, '<html>hello', { 'content-type': 'text/html' }),
    null,
    'NOT_A_MASTER',
    /no LAVA master/,
  ],
  [
    'JSON of something else',
    (_, response) => send(response, 200, { hello: 'world' }),
    null,
    'NOT_A_MASTER',
    /no LAVA master/,
  ],
  [
    'no rights',
    ({ path }, response) => (path.includes('/jobs/') ? send(response, 403, { detail: 'No.' }) : undefined),
    TOKEN,
    'TOKEN_WITHOUT_RIGHTS',
    /may not read/,
  ],
  [
    'a proxy that keeps us out',
    (_, response) => send(response, 403, '<h1>no</h1>', { 'content-type': 'text/html' }),
    null,
    'KEPT_OUT',
    /proxy/,
  ],
  ['a master that fails', (_, response) => send(response, 500, 'x'), null, 'MASTER_FAILED', /HTTP 500/],
])('%s says what is wrong', async (_, fault, token, code, words) => {
  const [server, one] = [await world(), await master()];
  one.fault = fault;
  const { result, userErrors } = await tryMaster(server, { url: one.url, token });
  expect([result, userErrors]).toEqual([
    null,
    [{ code, field: expect.any(String), message: expect.stringMatching(words) }],
  ]);
  expect(JSON.stringify(userErrors)).not.toContain(TOKEN);
});

test.each([
  ['http://127.0.0.1:9/', 'REFUSED'],
  ['http://no-such-lab.invalid/', 'UNKNOWN_NAME'],
  ['http://169.254.169.254/latest/', 'FORBIDDEN_ADDRESS'],
])('%s: %s', async (url, code) => {
  const server = await world();
  expect((await tryMaster(server, { url })).userErrors).toMatchObject([{ code, field: 'url' }]);
});

test('https where nobody speaks it', async () => {
  const [server, one] = [await world(), await master()];
  const { userErrors } = await tryMaster(server, { url: one.url.replace('http:', 'https:') });
  expect(userErrors).toMatchObject([{ code: 'CERTIFICATE', message: expect.stringContaining('write http://') }]);
});
