import { expect, test } from 'vitest';
import { settings } from '../store/settings.ts';
import { startServer } from './server.ts';

const access = [
  { login: 'ann', token: 'ann-token', teams: [], role: 'viewer' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];
const WHO = '{ viewer { login } sources { nodes { slug } } }';

async function world() {
  const server = await startServer({
    sources: [settings('open'), settings('inside', { visibility: 'INTERNAL' })],
    access,
  });
  const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: server.url, ...headers },
      body: new URLSearchParams(fields),
    });
  const who = async (headers: Record<string, string>) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: WHO }),
    });
    const { data } = (await response.json()) as {
      data: { viewer: { login: string | null }; sources: { nodes: object[] } };
    };
    return { login: data.viewer.login, labs: data.sources.nodes.length, headers: response.headers };
  };
  return { ...server, form, who };
}

const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

test('a token that is known becomes a cookie that no script reads and no other site sends', async () => {
  const { form, who, url } = await world();
  const signedIn = await form('/sign-in', { token: ' ann-token ', next: '/labs?x=1' });

  expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/labs?x=1']);
  expect(signedIn.headers.get('set-cookie')).toBe(
    'basalt_token=ann-token; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict',
  );
  const cookie = cookieOf(signedIn);
  expect(await who({ cookie: `theme=dark; ${cookie}`, origin: url })).toMatchObject({ login: 'ann', labs: 2 });
  expect(await who({})).toMatchObject({ login: null, labs: 1 });
});

test('the cookie is Secure when the request came by https', async () => {
  const { form } = await world();
  const answer = await form('/sign-in', { token: 'ann-token' }, { 'x-forwarded-proto': 'https' });
  expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
});

test('S-15: a wrong token is said in words that do not tell what there is, and tries are limited', async () => {
  const { form } = await world();
  const answers = [];
  for (let i = 0; i < 12; i++) answers.push(await form('/sign-in', { token: i === 11 ? 'ann-token' : `guess-${i}` }));
  const places = answers.map((answer) => answer.headers.get('location'));

  expect(places.slice(0, 10)).toEqual(Array(10).fill('/sign-in?wrong=token&next=%2F'));
  expect(places.slice(10)).toEqual(Array(2).fill('/sign-in?wait=token&next=%2F'));
  expect(answers.flatMap((answer) => answer.headers.getSetCookie())).toEqual([]);
});

test.each(['//evil.example/', '/\\evil.example', 'https://evil.example/', '/x\\..\\\\evil', 'javascript:1'])(
  'S-38: after signing in nobody is sent to another site: %s',
  async (next) => {
    const { form, url } = await world();
    const place = (await form('/sign-in', { token: 'ann-token', next })).headers.get('location') ?? '';
    expect(new URL(place, url).origin).toBe(url);
  },
);

test.each([
  ['another origin', { origin: 'https://evil.example' }],
  ['no origin', {}],
  ['what a browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['what a browser calls same-site', { 'sec-fetch-site': 'same-site' }],
])('S-36: a request of %s is a visitor’s, whatever cookie it has, and signs nobody in or out', async (_, headers) => {
  const { url, who } = await world();
  expect((await who({ cookie: 'basalt_token=root-token', ...headers })).login).toBe(null);
  for (const path of ['/sign-in', '/sign-out']) {
    const body = new URLSearchParams({ token: 'root-token' });
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body, redirect: 'manual' });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
  }
});

test('a page of our own and a script with a cookie may read', async () => {
  const { url } = await world();
  const query = `${url}/graphql?query=${encodeURIComponent(WHO)}`;
  for (const headers of [{}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }]) {
    const answer = await fetch(query, { headers: { cookie: 'basalt_token=ann-token', ...headers } });
    expect(await answer.json()).toMatchObject({ data: { viewer: { login: 'ann' } } });
  }
});

test('S-09: what was answered to somebody is kept by nobody', async () => {
  const { who, url } = await world();
  const { headers } = await who({ cookie: 'basalt_token=ann-token', origin: url });
  expect(headers.get('cache-control')).toBe('private, no-store');
  expect(headers.get('vary')).toMatch(/Authorization, Cookie/);
});

test('a cookie whose token was taken away makes a visitor, and is forgotten', async () => {
  const { who, url } = await world();
  const { login, headers } = await who({ cookie: 'basalt_token=old', origin: url });
  expect([login, headers.get('set-cookie')]).toEqual([
    null,
    expect.stringMatching(/^basalt_token=; Path=\/; Max-Age=0/),
  ]);
});

test('signing out forgets the cookie', async () => {
  const { form } = await world();
  const answer = await form('/sign-out', {});
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([303, expect.stringContaining('Max-Age=0')]);
});
