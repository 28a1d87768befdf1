import { expect, test } from 'vitest';
import { createSecret } from '#api/secret.ts';
import { brokenChain } from '#store/audit-chain.ts';
import { settings } from '../store/settings.ts';
import { addJob, startServer } from './server.ts';

const PASSWORD = 'correct horse battery staple';
const access = [{ login: 'setup', token: 'setup-token', teams: [], role: 'admin' as const, isSetup: true }];

async function world() {
  const server = await startServer({
    sources: [
      settings('open'),
      settings('inside', { visibility: 'INTERNAL' }),
      settings('kernel', { visibility: 'RESTRICTED', teams: ['kernel'] }),
    ],
    access,
  });
  const form = (path: string, fields: Record<string, string>, cookie = '') =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: server.url, ...(cookie ? { cookie } : {}) },
      body: new URLSearchParams(fields),
    });
  const gql = async <T>(cookie: string, query: string, variables: object = {}): Promise<T> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url, cookie },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const signIn = async (login: string, password: string) => cookieOf(await form('/sign-in', { login, password }));
  const setUp = async () => {
    const cookie = cookieOf(await form('/sign-in', { token: 'setup-token' }));
    return cookieOf(await form('/setup', { login: 'root', password: PASSWORD }, cookie));
  };
  return { ...server, form, gql, signIn, setUp };
}

const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

const SAVE = `mutation ($input: SaveAccountInput!) { saveAccount(input: $input) {
  account { login role teams { team role } disabledAt } userErrors { code field message } } }`;
const CREATE = `mutation ($input: CreateTokenInput!) { createToken(input: $input) {
  secret token { id hint scopes sources } userErrors { code field message } } }`;
const REVOKE = `mutation ($id: ID!) { revokeToken(input: { id: $id }) { token { revokedAt } userErrors { code } } }`;
const WHO = '{ viewer { login scopes } sources { nodes { slug } } }';

type Saved = {
  saveAccount: { account: { login: string } | null; userErrors: { code: string; field: string | null }[] };
};
type Created = {
  createToken: { secret: string; token: { id: string; hint: string }; userErrors: { code: string; field: string }[] };
};
type Who = { viewer: { login: string | null; scopes: string[] }; sources: { nodes: { slug: string }[] } };

test('S-45: the setup token makes one admin, whoever else holds it, and is void from then on', async () => {
  const { form, ask, gql } = await world();
  const [one, two] = await Promise.all([1, 2].map(() => form('/sign-in', { token: 'setup-token' })));
  expect([one?.headers.get('location'), two?.headers.get('location')]).toEqual(Array(2).fill('/setup?next=%2F'));

  const both = await Promise.all(
    [one, two].map((answer, i) =>
      form('/setup', { login: `root${i}`, password: PASSWORD }, answer ? cookieOf(answer) : ''),
    ),
  );
  expect(both.map((answer) => answer.headers.get('location')).sort()).toEqual(['/', '/sign-in?taken=1']);
  expect((await ask(WHO, { token: 'setup-token' })).status).toBe(401);
  const winner = both.find((answer) => answer.headers.get('location') === '/');
  const { accounts } = await gql<{ accounts: { totalCount: number } }>(
    winner ? cookieOf(winner) : '',
    '{ accounts { totalCount } }',
  );
  expect(accounts.totalCount).toBe(1);
});

test('nobody sets Basalt up without the setup token', async () => {
  const { form, data } = await world();
  const answer = await form('/setup', { login: 'mallory', password: PASSWORD });
  expect(answer.headers.get('location')).toMatch(/^\/sign-in/);
  expect(await data('{ meta { canSignIn } }', { token: 'setup-token' })).toEqual({ meta: { canSignIn: true } });
});

test('an account signs in by its password, sees what its teams see, and is signed out by being disabled', async () => {
  const { gql, setUp, signIn, form } = await world();
  const root = await setUp();
  const input = { login: 'ann', password: 'a long password of hers', teams: [{ team: 'kernel', role: 'VIEWER' }] };
  expect((await gql<Saved>(root, SAVE, { input })).saveAccount.userErrors).toEqual([]);
  const ann = await signIn('ann', 'a long password of hers');
  const seen = await gql<Who>(ann, WHO);
  expect(seen.viewer).toEqual({ login: 'ann', scopes: ['read'] });
  expect(seen.sources.nodes.map(({ slug }) => slug)).toEqual(['inside', 'kernel', 'open']);

  for (const role of ['TRIAGE', 'ADMIN']) {
    const { saveAccount } = await gql<Saved>(root, SAVE, {
      input: { login: 'ann', teams: [{ team: 'kernel', role }] },
    });
    expect(saveAccount).toMatchObject({ account: null, userErrors: [{ code: 'INVALID', field: 'teams' }] });
  }
  const refused = await gql<Saved>(ann, SAVE, { input: { login: 'ann', role: 'ADMIN' } });
  expect(refused.saveAccount.userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
  await gql(root, SAVE, { input: { login: 'ann', disabled: true } });
  expect((await gql<Who>(ann, WHO)).viewer.login).toBeNull();
  expect((await form('/sign-in', { login: 'ann', password: 'a long password of hers' })).headers.get('location')).toBe(
    '/sign-in?wrong=1&next=%2F',
  );
});

test('S-11: a login that there is and one that there is not are refused alike', async () => {
  const { setUp, form } = await world();
  await setUp();
  const answers = await Promise.all(
    ['root', 'nobody'].map((login) => form('/sign-in', { login, password: 'wrong wrong wrong' })),
  );
  const told = answers.map((answer) => [answer.status, answer.headers.get('location'), answer.headers.getSetCookie()]);
  expect(told[0]).toEqual(told[1]);
});

test('the last admin who can sign in stays one', async () => {
  const { gql, setUp } = await world();
  const root = await setUp();
  await gql(root, SAVE, { input: { login: 'without-password', role: 'ADMIN' } });
  for (const change of [{ disabled: true }, { role: 'VIEWER' }]) {
    const { saveAccount } = await gql<Saved>(root, SAVE, { input: { login: 'root', ...change } });
    expect(saveAccount).toMatchObject({ account: null, userErrors: [{ code: 'CONFLICT', field: 'login' }] });
  }
});

test('a token sees and may no more than it is for, and is unknown once it is revoked', async () => {
  const server = await world();
  const { gql, setUp, ask, data } = server;
  await addJob(server, 'open', 1);
  const root = await setUp();
  const input = { name: 'ci', scopes: ['READ'], sources: ['open'] };
  const { createToken } = await gql<Created>(root, CREATE, { input });
  const { secret: token } = createToken;
  expect(token).toMatch(/^basalt_pat_[0-9A-Za-z]{38}$/);
  expect(token.startsWith(createToken.token.hint)).toBe(true);

  const seen = await data<Who>(WHO, { token });
  expect([seen.viewer.login, seen.viewer.scopes]).toEqual(['root', ['read', 'read:private']]);
  expect(seen.sources.nodes.map(({ slug }) => slug)).toEqual(['open']);
  const refused = await data<Saved>(SAVE, { token, variables: { input: { login: 'eve', role: 'ADMIN' } } });
  expect(refused.saveAccount.userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect(await data('{ accounts { totalCount } auditLog { nodes { id } } }', { token })).toEqual({
    accounts: null,
    auditLog: null,
  });
  const more = await data<Created>(CREATE, { token, variables: { input: { name: 'more', scopes: ['WRITE_ACCESS'] } } });
  expect(more.createToken.userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);

  expect(await gql(root, REVOKE, { id: createToken.token.id })).toMatchObject({ revokeToken: { userErrors: [] } });
  expect((await ask(WHO, { token })).status).toBe(401);
});

test.each([
  ['a name that says nothing', { name: ' ' }, 'name'],
  ['a source that there is not', { name: 'x', sources: ['nowhere'] }, 'sources'],
  ['no scope', { name: 'x', scopes: [] }, 'scopes'],
  ['for ever', { name: 'x', expiresInDays: 9999 }, 'expiresInDays'],
])('no token is made: %s', async (_, input, field) => {
  const { gql, setUp } = await world();
  const { createToken } = await gql<Created>(await setUp(), CREATE, { input });
  expect(createToken).toMatchObject({ secret: null, token: null, userErrors: [{ code: 'INVALID', field }] });
});

test("nobody revokes another's token but an admin, and it looks as if there were none", async () => {
  const { gql, setUp, signIn } = await world();
  const root = await setUp();
  for (const login of ['ann', 'bob']) await gql(root, SAVE, { input: { login, password: 'a long pass phrase' } });
  const ann = await signIn('ann', 'a long pass phrase');
  const bob = await signIn('bob', 'a long pass phrase');
  const { createToken } = await gql<Created>(ann, CREATE, { input: { name: 'mine' } });
  const { id } = createToken.token;
  expect(await gql(bob, REVOKE, { id })).toEqual({ revokeToken: { token: null, userErrors: [{ code: 'NOT_FOUND' }] } });
  expect(await gql(root, REVOKE, { id })).toMatchObject({ revokeToken: { userErrors: [] } });
});

test('S-17: neither a password nor a token nor a session is in the store', async () => {
  const { gql, setUp, writer } = await world();
  const root = await setUp();
  const { createToken } = await gql<Created>(root, CREATE, { input: { name: 'ci' } });
  const rows = await Promise.all(
    ['account', 'session', 'api_token', 'audit_event', 'store_state'].map((table) =>
      writer.store.sql.all<Record<string, unknown>>(`SELECT * FROM ${table}`),
    ),
  );
  const dump = rows
    .flat()
    .flatMap((row) => Object.values(row))
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
    .join('\n');
  for (const secret of [PASSWORD, createToken.secret, root.split('=')[1] ?? '-']) expect(dump).not.toContain(secret);
});

test('S-39: whoever changes the audit log in the database is found out', async () => {
  const { gql, setUp, writer } = await world();
  const root = await setUp();
  for (const login of ['ann', 'bob']) await gql(root, SAVE, { input: { login } });
  const { store } = writer;
  expect(await brokenChain(store)).toBeNull();
  const planted = [
    [
      "UPDATE audit_event SET actor = 'eve' WHERE action = 'account.add' AND target = 'ann'",
      /event \d+ of the audit log/,
    ],
    ["DELETE FROM audit_event WHERE target = 'ann'", /event \d+ of the audit log/],
    ['DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event)', /newest events/],
    ["INSERT INTO audit_event (at, actor, action, target) VALUES (1, 'eve', 'x', 'y')", /event \d+ of the audit log/],
  ] as const;
  for (const [text, words] of planted) {
    await store
      .transaction(async () => {
        await store.sql.run(text);
        expect(await brokenChain(store)).toMatch(words);
        throw new Error('taken back');
      })
      .catch((cause: unknown) => expect(String(cause)).toContain('taken back'));
  }
  expect(await brokenChain(store)).toBeNull();
});

test('a token with a typing error is told from one without a look into the store', async () => {
  const { ask, store } = await world();
  const { secret } = createSecret('token');
  const before = store.statementCount();
  const wrong = `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`;
  expect((await ask(WHO, { token: wrong })).status).toBe(401);
  expect(store.statementCount()).toBe(before);
  expect((await ask(WHO, { token: secret })).status).toBe(401);
  expect(store.statementCount()).toBe(before + 1);
});

test('who looks after the sources of a team changes those and no other, and the audit log says so', async () => {
  const { gql, setUp, signIn } = await world();
  const root = await setUp();
  const teams = [{ team: 'kernel', role: 'SOURCE_ADMIN' }];
  await gql(root, SAVE, { input: { login: 'ann', password: 'a long pass phrase', teams } });
  const ann = await signIn('ann', 'a long pass phrase');
  const pause = async (slug: string) => {
    const { setSourceState } = await gql<{ setSourceState: { userErrors: { code: string }[] } }>(
      ann,
      'mutation ($slug: String!) { setSourceState(input: { slug: $slug, state: PAUSED }) { userErrors { code } } }',
      { slug },
    );
    return setSourceState.userErrors.map(({ code }) => code);
  };
  expect(await pause('kernel')).toEqual([]);
  expect(await pause('open')).toEqual(['FORBIDDEN']);
  // As for a source that there is not.
  expect(await pause('nowhere')).toEqual(['FORBIDDEN']);
  const { auditLog } = await gql<{ auditLog: { nodes: object[] } }>(
    root,
    '{ auditLog(first: 1, target: "kernel") { nodes { actor action } } }',
  );
  expect(auditLog.nodes).toEqual([{ actor: 'ann', action: 'source.pause' }]);
});
