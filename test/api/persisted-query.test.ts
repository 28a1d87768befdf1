import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { startServer } from './server.ts';

const QUERY = '{ meta { version } }';
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const naming = (sha256Hash: string, version = 1) => ({ persistedQuery: { version, sha256Hash } });

test('a query is named by its hash once it was sent with it, by POST and GET, and runs with the rights of who asks', async () => {
  const server = await startServer({
    sources: ['alpha'],
    access: [{ login: 'ann', token: 'ann-token', teams: [], role: 'viewer' }],
  });
  const send = async (
    method: 'GET' | 'POST',
    params: Record<string, unknown>,
    headers: Record<string, string> = {},
  ) => {
    const search = new URLSearchParams(
      Object.entries(params).map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
    const response = await (method === 'GET'
      ? fetch(`${server.url}/graphql?${search}`, { headers })
      : fetch(`${server.url}/graphql`, {
          method,
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(params),
        }));
    return [response.status, await response.json()];
  };
  const unknown = [
    200,
    { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
  ];
  const found = [200, { data: { meta: { version: 'test' } } }];
  const extensions = naming(hashOf(QUERY));
  for (const method of ['GET', 'POST'] as const) expect(await send(method, { extensions })).toMatchObject(unknown);
  expect(await send('POST', { query: QUERY, extensions: naming(hashOf('{ other }')) })).toMatchObject([
    200,
    { errors: [{ extensions: { code: 'PERSISTED_QUERY_MISMATCH' } }] },
  ]);
  expect(await send('POST', { extensions: naming(hashOf('{ other }')) })).toMatchObject(unknown);

  expect(await send('GET', { query: QUERY, extensions })).toMatchObject(found);
  for (const method of ['GET', 'POST'] as const) expect(await send(method, { extensions })).toMatchObject(found);

  const who = 'query ($is: Boolean!) { viewer { login @include(if: $is) } }';
  const named = naming(hashOf(who));
  const ann = { authorization: 'Bearer ann-token' };
  expect(await send('POST', { query: who, variables: { is: true }, extensions: named }, ann)).toMatchObject([
    200,
    { data: { viewer: { login: 'ann' } } },
  ]);
  expect(await send('GET', { variables: { is: true }, extensions: named })).toMatchObject([
    200,
    { data: { viewer: { login: null } } },
  ]);

  const change = 'mutation { revokeToken(input: { id: "x" }) { userErrors { code } } }';
  await send('POST', { query: change, extensions: naming(hashOf(change)) });
  expect((await send('GET', { extensions: naming(hashOf(change)) }))[0]).toBe(405);
});

test('what names no query is refused in words', async () => {
  const { url } = await startServer({ sources: ['alpha'] });
  const refused = async (search: Record<string, string>) => {
    const response = await fetch(`${url}/graphql?${new URLSearchParams(search)}`);
    return [
      response.status,
      ((await response.json()) as { errors: { message: string; extensions: object }[] }).errors[0],
    ];
  };
  const bad = (words: RegExp) => [400, { message: expect.stringMatching(words), extensions: { code: 'BAD_REQUEST' } }];
  expect(await refused({ extensions: '{' })).toMatchObject(bad(/"extensions" is no JSON/));
  for (const extensions of [naming('nonsense'), naming(hashOf(QUERY), 2), []])
    expect(await refused({ extensions: JSON.stringify(extensions) })).toMatchObject(bad(/sha256Hash/));
  expect(await refused({})).toMatchObject(bad(/Missing query.*by POST/));
});
