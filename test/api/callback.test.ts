/** Callbacks of a master's jobs: every shape of them, and everything that is none. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { buildApp } from '#api/app.ts';
import { idIn, tokensIn } from '#api/callback-head.ts';
import { openStore } from '#store/open.ts';
import { soon } from '../soon.ts';
import { temporaryPlace, temporaryWriter } from '../store/temporary.ts';

type Recorded = { method: string; headers: Record<string, string>; body: string };
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/callbacks-2023.01.json'), 'utf8'),
) as Record<string, Recorded>;
const TOKEN = 'lab-callback-token';

async function server() {
  const place = await temporaryPlace();
  await temporaryWriter(['lab', 'mute'], place);
  const store = await openStore({ ...place, mode: 'read' });
  const heard: (string | null)[] = [];
  const app = await buildApp({
    store,
    access: [{ login: 'ci', token: 'sesame', teams: [], role: 'admin' }],
    events: { on: () => undefined },
    logger: pino({ level: 'silent' }),
    version: 'test',
    startedAt: 0,
    callbacks: {
      tokens: new Map([
        ['lab', TOKEN],
        ['other', 'of-another'],
      ]),
      onHeard: (slug, id) => heard.push(slug === 'lab' ? id : `${slug}:${id}`),
    },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await app.close();
    await store.close();
  });
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}/callbacks/lava/${path}`, init);
    const told = Object.entries(Object.fromEntries(response.headers)).filter(
      ([name]) => !['date', 'x-request-id', 'connection', 'keep-alive'].includes(name),
    );
    return { status: response.status, body: await response.text(), told };
  };
  return { url, heard, call };
}

/** A request written by hand. */
async function raw(
  url: string,
  head: string[],
): Promise<{ socket: Socket; answer: () => string; closed: () => boolean }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  let closed = false;
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket
    .on('error', () => undefined)
    .on('close', () => {
      closed = true;
    });
  onTestFinished(() => void socket.destroy());
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return { socket, answer: () => answer, closed: () => closed };
}

test.each(Object.keys(recorded).filter((name) => name !== 'get'))('L-50: %s as recorded is heard', async (name) => {
  const { call, heard } = await server();
  const { method, headers, body } = recorded[name] ?? { method: '', headers: {}, body: '' };
  expect(await call('lab', { method, headers, body })).toMatchObject({ status: 202, body: '' });
  expect(await call('lab', { method, headers: { ...headers, authorization: TOKEN }, body })).toMatchObject({
    status: 202,
  });
  expect(heard).toEqual(['402', '402']);
});

test('L-50: a GET without a body is heard, with a number where its address has one', async () => {
  const { call, heard } = await server();
  const { headers } = recorded.get ?? { headers: {} };
  expect(await call('lab', { headers })).toMatchObject({ status: 202 });
  expect(await call('lab?id=402', { headers })).toMatchObject({ status: 202 });
  expect(await call('lab?id=1516.0', { headers })).toMatchObject({ status: 202 });
  expect(heard).toEqual([null, '402', null]);
});

test.each([['Token'], ['token'], ['Bearer']])('the token is also known as %s', async (scheme) => {
  const { call, heard } = await server();
  expect(await call('lab?id=1', { headers: { authorization: `${scheme} ${TOKEN}` } })).toMatchObject({ status: 202 });
  expect(heard).toEqual(['1']);
});

test('L-49, S-13: who does not know the token hears the same for every source, and nothing comes of it', async () => {
  const { call, heard } = await server();
  const minimal = recorded['minimal-json'] ?? { method: 'POST', headers: {}, body: '' };
  const forged = minimal.body.replaceAll(TOKEN, 'guess');
  const tries: [string, RequestInit][] = [
    ['no token', {}],
    ['a wrong one', { headers: { authorization: 'guess' } }],
    ["a viewer's", { headers: { authorization: 'Bearer sesame' } }],
    ['an empty one', { headers: { authorization: '' } }],
    ['a scheme alone', { headers: { authorization: 'Token ' } }],
    ["another source's", { headers: { authorization: 'of-another' } }],
    ['a body without', { method: 'POST', body: '{"id": 7}' }],
    ['a body with a wrong one', { method: 'POST', body: forged }],
    ['a form with a wrong one', { method: 'POST', body: 'id=7&token=guess' }],
    ['a body that is none', { method: 'POST', body: '\u0000\u0001[{' }],
    ['a right one in a wrong header', { method: 'POST', body: forged, headers: { 'x-lab-token': TOKEN } }],
    ['a right body under a wrong header', { ...minimal, headers: { ...minimal.headers, authorization: 'guess' } }],
  ];
  for (const [what, init] of tries) {
    const answers = await Promise.all(['lab', 'mute', 'nowhere', '%00', '..%2flab'].map((slug) => call(slug, init)));
    const [first] = answers;
    expect(first, what).toMatchObject({ status: 401, body: '' });
    for (const answer of answers) expect(answer, what).toEqual(first);
  }
  expect(heard).toEqual([]);
});

test("a callback's token opens nothing else", async () => {
  const { url } = await server();
  const response = await fetch(`${url}/graphql?query={__typename}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(response.status).toBe(401);
});

test('L-50, L-51: a body is answered as soon as its number is there, however slowly the rest comes', async () => {
  const { url, heard } = await server();
  const length = 50_000_000;
  const one = await raw(url, [
    'POST /callbacks/lava/lab HTTP/1.1',
    'Host: basalt',
    `Authorization: ${TOKEN}`,
    'Content-Type: application/json',
    `Content-Length: ${length}`,
  ]);
  one.socket.write('{"id": 40');
  one.socket.write('2, "status": 2, "log": "');
  await soon(one.answer).toContain('202 Accepted');
  expect(heard).toEqual(['402']);
  const rest = length - '{"id": 402, "status": 2, "log": "'.length;
  const piece = Buffer.alloc(1_000_000, 'x');
  for (let left = rest; left > 0; left -= piece.length)
    if (!one.socket.write(piece.subarray(0, Math.min(left, piece.length))))
      await new Promise((resolve) => one.socket.once('drain', resolve));
  one.socket.write(`GET /callbacks/lava/lab?id=403 HTTP/1.1\r\nHost: basalt\r\nAuthorization: ${TOKEN}\r\n\r\n`);
  await soon(() => heard).toEqual(['402', '403']);
});

test('L-50, T-39: of a body that is too long, or does not say how long it is, the job is looked for all the same', async () => {
  const { url, heard } = await server();
  const long = await raw(url, [
    'POST /callbacks/lava/lab HTTP/1.1',
    'Host: basalt',
    `Authorization: ${TOKEN}`,
    'Content-Length: 70000000',
  ]);
  await soon(long.closed).toBe(true);
  expect(long.answer()).toContain('413');
  await soon(() => heard).toEqual([null]);
  const forged = await raw(url, [
    'POST /callbacks/lava/lab HTTP/1.1',
    'Host: basalt',
    'Authorization: guess',
    'Content-Length: 70000000',
  ]);
  await soon(forged.closed).toBe(true);
  expect(forged.answer()).toContain('413');
  const endless = await raw(url, [
    'POST /callbacks/lava/lab HTTP/1.1',
    'Host: basalt',
    `Authorization: ${TOKEN}`,
    'Transfer-Encoding: chunked',
  ]);
  endless.socket.write('18\r\n{"id": 402, "log": "xxxx\r\n');
  await soon(endless.closed).toBe(true);
  expect(endless.answer()).toContain('202');
  expect(heard).toEqual([null, '402']);
});

test('a body without a token is looked through only so far', async () => {
  const { call, heard } = await server();
  const body = JSON.stringify({ id: 402, definition: 'x'.repeat(300_000), token: TOKEN });
  const answer = await call('lab', { method: 'POST', body }).catch(() => ({ status: 401 }));
  expect(answer.status).toBe(401);
  expect(heard).toEqual([]);
});

test('a body that stops in the middle is not waited for for ever', async () => {
  const { url, heard } = await server();
  const head = ['POST /callbacks/lava/lab HTTP/1.1', 'Host: basalt', 'Content-Length: 1000'];
  const known = await raw(url, [...head, `Authorization: ${TOKEN}`]);
  known.socket.write('{"id"');
  await soon(known.answer).toContain('202');
  expect(heard).toEqual([null]);
  const unknown = await raw(url, head);
  unknown.socket.write('{"id"');
  await soon(unknown.closed).toBe(true);
  expect(unknown.answer()).toContain('401');
});

test('a definition cannot speak for the body, and no text is too odd to be looked through', () => {
  const definition = 'x", "token": "guess", {"token": "guess"}';
  expect(tokensIn(JSON.stringify({ id: 1, definition, token: 'mine' }))).toEqual(['mine']);
  expect(tokensIn(`${new URLSearchParams({ id: '1', definition: 'a&token=guess', token: 'm i+n&e' })}&`)).toEqual([
    'm i+n&e',
  ]);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.nat(), (definition, token, id) => {
      const told = { id: id + 1, definition, token };
      expect([idIn(JSON.stringify(told)), tokensIn(JSON.stringify(told))]).toEqual([String(id + 1), [token]]);
      const form = `${new URLSearchParams({ ...told, id: String(told.id) })}&`;
      expect([idIn(form), tokensIn(form)]).toEqual([String(id + 1), [token.toWellFormed()]]);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      idIn(text);
      tokensIn(text);
    }),
  );
});
