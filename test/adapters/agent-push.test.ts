/** The way out of a lab: by TLS to a Basalt that is trusted, and what else may answer there. */
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPusher, isSafe } from '#adapters/agent/push.ts';
import { SourceError } from '#adapters/error.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures/tls', name), 'utf8');
const KEY = 'a-key-that-a-machine-has-made';

async function push(answer: RequestListener, caPem: string | null = fixture('ca.pem'), certificate = 'good') {
  const options = { key: fixture('server-key.pem'), cert: fixture(`${certificate}.pem`) };
  const keys: (string | undefined)[] = [];
  const server = createServer(options, (request, response) => {
    keys.push(request.headers.authorization);
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const url = `https://127.0.0.1:${port}/`;
  const pusher = createPusher({ slug: 'lab', url, key: KEY, caPem, userAgent: 'test', timeoutMs: 300 });
  onTestFinished(async () => {
    await pusher.close();
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
  });
  const got = await pusher.push(Buffer.from('batch'), new AbortController().signal).catch((cause: unknown) => {
    if (!(cause instanceof SourceError)) throw cause;
    return cause.message;
  });
  return { got, keys };
}

const json =
  (status: number, body: unknown): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const receipt = { held: 3, generation: 1, questions: [] };

test('a Basalt whose authority is named is trusted; no other is told the key', async () => {
  expect(await push(json(200, receipt))).toEqual({ got: { kind: 'held', ...receipt }, keys: [`Bearer ${KEY}`] });
  for (const [ca, certificate] of [
    [null, 'good'],
    [fixture('ca.pem'), 'expired'],
    [fixture('ca.pem'), 'other-name'],
  ] as const) {
    const { got, keys } = await push(json(200, receipt), ca, certificate);
    expect([got, keys]).toEqual([expect.stringMatching(/^Basalt: its certificate/), []]);
  }
});

test('what else may answer is no receipt, and is said in words', async () => {
  const html: RequestListener = (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>');
  expect((await push(html)).got).toMatch(/HTTP 200, and not as Basalt does: is a proxy/);
  expect((await push(json(200, { held: -1 }))).got).toMatch(/not as Basalt does/);
  expect((await push(json(302, {}))).got).toMatch(/HTTP 302/);
  expect((await push(json(413, {}))).got).toMatch(/client_max_body_size/);
  expect((await push(json(404, {}))).got).toMatch(/takes nothing from agents at this address/);
  expect((await push(json(200, { padding: 'x'.repeat(100_000) }))).got).toMatch(/more than an agent is told/);
  expect((await push(() => undefined)).got).toMatch(/did not answer within 0.3 s/);
  expect((await push((request) => request.socket.destroy())).got).toMatch(/the connection broke/);
  expect((await push(json(409, { code: 'OTHER_AGENT', message: 'another' }))).got).toEqual({
    kind: 'refused',
    code: 'OTHER_AGENT',
    message: 'another',
  });
});

test('a key goes by https, or within the machine', () => {
  for (const url of ['https://basalt.example/', 'http://127.0.0.1:3000/', 'http://localhost/', 'http://[::1]:80/'])
    expect(isSafe(url), url).toBe(true);
  for (const url of [
    'http://basalt.example/',
    'http://127.0.0.1.example/',
    'http://localhost.example/',
    'http://10.0.0.1/',
  ])
    expect(isSafe(url), url).toBe(false);
});
