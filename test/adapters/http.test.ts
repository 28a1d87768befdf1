import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { SourceError } from '#adapters/error.ts';
import type { HttpOptions } from '#adapters/http.ts';
import { createHttp } from '#adapters/http.ts';
import { type FakeMaster, send, startMaster, TOKEN } from './fake-master.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const PATH = 'api/v0.2/system/version/';

function open(url: string, more: Partial<HttpOptions> = {}) {
  const http = createHttp({
    slug: 'lab',
    url,
    token: TOKEN,
    caPem: null,
    budget: { concurrent: 2, perMinute: 100_000 },
    allowed: [/^api\/v0\.2\/(system\/version\/|jobs\/|jobs\/\d+\/logs\/)$/],
    kindOf: (path) => (path.endsWith('/logs/') ? 'LOG' : 'LIST'),
    userAgent: 'Basalt/0.1.0',
    firstRetryMs: 1,
    ...more,
  });
  ends.push(() => http.close());
  return http;
}

async function withMaster(more: Partial<HttpOptions> = {}) {
  const master = await startMaster();
  ends.push(() => master.close());
  return { master, http: open(master.url, more) };
}

const signal = new AbortController().signal;

async function failure(asking: Promise<unknown>): Promise<SourceError> {
  const cause = await asking.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(cause instanceof SourceError)) throw new Error(`not a SourceError: ${String(cause)}`);
  return cause;
}

async function refusal(fault: FakeMaster['fault'], more: Partial<HttpOptions> = {}) {
  const { master, http } = await withMaster(more);
  master.fault = fault;
  const cause = await failure(http.getJson(PATH, { signal }));
  return { code: cause.code, message: cause.message, requests: master.asked.length };
}

test('asks with the token, by its name, uncompressed, and nothing but GET', async () => {
  const { master, http } = await withMaster();
  expect(await http.getJson(PATH, { signal })).toEqual({ version: '2023.01' });
  expect(master.asked[0]?.headers).toMatchObject({
    authorization: `Token ${TOKEN}`,
    'user-agent': 'Basalt/0.1.0',
    'accept-encoding': 'identity',
  });
  await http.getJson(PATH, { signal, anonymous: true });
  expect(master.asked[1]?.headers.authorization).toBeUndefined();
  expect(master.unexpected).toEqual([]);
});

test('L-28: a path that is not on the list opens no connection', async () => {
  const { master, http } = await withMaster();
  for (const path of [
    'api/v0.2/jobs/1/cancel/',
    '../jobs/',
    'https://elsewhere.example/',
    'api/v0.2/jobs/?x=1',
    '//elsewhere.example/',
  ]) {
    await expect(http.get(path, { signal })).rejects.toThrow('is not a path Basalt asks');
  }
  expect(master.asked).toEqual([]);
});

test('nothing there is null', async () => {
  const { http } = await withMaster();
  expect(await http.get('api/v0.2/jobs/7/logs/', { signal })).toBeNull();
});

test('T-28: a refused token is said in words and asked for once', async () => {
  const { code, message, requests } = await refusal((_, response) => send(response, 403, { detail: 'Invalid token.' }));
  expect({ code, requests }).toEqual({ code: 'UNAUTHORIZED', requests: 1 });
  expect(message).toBe(
    'lab: the token is refused (HTTP 403 at /api/v0.2/system/version/): make a new one on the master and put it in place',
  );
});

test('L-11, T-28: a login page is not followed', async () => {
  const { code, message, requests } = await refusal((_, response) =>
    send(response, 302, '', { location: '/accounts/login/?next=/api/' }),
  );
  expect({ code, requests }).toEqual({ code: 'UNAUTHORIZED', requests: 1 });
  expect(message).toContain('wants a login');
});

test('L-17, S-30: a redirect to another host is not followed and names both', async () => {
  const { master: other } = await withMaster();
  const { code, message } = await refusal((_, response) =>
    send(response, 302, '', { location: `${other.url}api/v0.2/system/version/` }),
  );
  expect(code).toBe('UNSUPPORTED');
  expect(message).toMatch(/http:\/\/127\.0\.0\.1:\d+ sends to another address, http:\/\/127\.0\.0\.1:\d+/);
  expect(other.asked).toEqual([]);
});

test('a redirect within the host names where to, and the remedy', async () => {
  const { code, message } = await refusal((_, response) =>
    send(response, 301, '', { location: '/lava/api/v0.2/system/version/' }),
  );
  expect(code).toBe('UNSUPPORTED');
  expect(message).toContain('to /lava/api/v0.2/system/version/');
  expect(message).toContain('check the address of the source');
});

test('L-26, T-27: an HTML page is not taken for an answer, whatever it says it is', async () => {
  for (const headers of [{ 'content-type': 'text/html; charset=utf-8' }, { 'content-type': 'application/json' }]) {
    const { code, message } = await refusal((_, response) =>
      send(response, 200, '\n<!DOCTYPE html><title>Maintenance</title>', headers),
    );
    expect(code).toBe('BAD_PAYLOAD');
    expect(message).toContain('answered an HTML page at /api/v0.2/system/version/ (a login or maintenance page?)');
  }
});

test('what is no JSON is shown by its beginning, without secrets', async () => {
  const { code, message } = await refusal((_, response) => send(response, 200, `token: ${TOKEN}`));
  expect(code).toBe('BAD_PAYLOAD');
  expect(message).toContain('it begins "token: [redacted]"');
});

test('a failing master is asked four times, then given up', async () => {
  const { code, requests } = await refusal((_, response) => send(response, 502, '<html>bad gateway</html>'));
  expect({ code, requests }).toEqual({ code: 'SERVER_ERROR', requests: 4 });
});

test('what fails once is tried again', async () => {
  const { master, http } = await withMaster();
  master.fault = (_, response, count) => count === 1 && send(response, 500, '');
  expect(await http.getJson(PATH, { signal })).toEqual({ version: '2023.01' });
});

test.each([429, 503])('L-26, T-21: HTTP %i with Retry-After is left alone for that long', async (status) => {
  for (const header of [() => '1', () => new Date(Date.now() + 2_000).toUTCString()]) {
    const { master, http } = await withMaster();
    master.fault = (_, response, count) => count === 1 && send(response, status, '', { 'retry-after': header() });
    await http.getJson(PATH, { signal });
    const [first, second] = master.asked;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(950);
  }
});

test('T-23: after eight failures in a row a master is left alone', async () => {
  const { master, http } = await withMaster();
  master.fault = (_, response) => send(response, 500, '');
  for (let i = 0; i < 5; i++) await failure(http.get(PATH, { signal }));
  const { code, message } = await failure(http.get(PATH, { signal }));
  expect(code).toBe('UNREACHABLE');
  expect(message).toMatch(/failed 8 times in a row and is left alone for 30 s, at last because: answered HTTP 500/);
  expect(master.asked.length).toBe(8);
});

test('L-26: a master that never answers times out', async () => {
  const { code, message } = await refusal(() => true, { timeoutMs: 60 });
  expect(code).toBe('TIMEOUT');
  expect(message).toContain('did not answer within 0.06 s');
});

test('L-26: an answer that trickles for ever times out', async () => {
  const { code } = await refusal(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
      return true;
    },
    { timeoutMs: 5_000, totalTimeoutMs: 100 },
  );
  expect(code).toBe('TIMEOUT');
});

test('T-29: a refused connection and an unknown name are told apart', async () => {
  const { master, http } = await withMaster();
  await master.close();
  const refused = await failure(http.get(PATH, { signal }));
  expect([refused.code, refused.message]).toEqual(['UNREACHABLE', expect.stringContaining('refuses the connection')]);
  const unknown = await failure(open('http://no-such-lab.invalid/').get(PATH, { signal }));
  expect([unknown.code, unknown.message]).toEqual([
    'UNREACHABLE',
    expect.stringContaining('the name no-such-lab.invalid is not known'),
  ]);
});

test('T-29: TLS spoken to a server without it is a broken connection, never plain text', async () => {
  const { master } = await withMaster();
  const { code } = await failure(open(master.url.replace('http:', 'https:')).get(PATH, { signal }));
  expect(code).toBe('UNREACHABLE');
  expect(master.asked).toEqual([]);
});

test('T-34: an answer that breaks off is tried again and never taken for whole', async () => {
  const { master, http } = await withMaster();
  master.fault = (_, response, count) => {
    if (count > 2) return undefined;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"version":', () => response.destroy());
    return true;
  };
  expect(await http.getJson(PATH, { signal })).toEqual({ version: '2023.01' });
  expect(master.asked.length).toBe(3);
});

test('a log that breaks off at every try is kept as far as it came', async () => {
  const { master, http } = await withMaster();
  master.fault = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/yaml', 'content-length': '1000' });
    response.write('- {"dt": "2026', () => response.destroy());
    return true;
  };
  const reply = await http.get('api/v0.2/jobs/7/logs/', { signal, allowTruncated: true });
  expect([reply?.body.text(), reply?.truncated]).toEqual(['- {"dt": "2026', true]);
});

test('T-37: an answer beyond the cap is not read on', async () => {
  const { master, http } = await withMaster({ maxBytes: 1_000 });
  let written = 0;
  master.fault = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536;
    };
    response.on('drain', more);
    more();
    return true;
  };
  const { code, message } = await failure(http.get(PATH, { signal }));
  expect([code, message]).toEqual(['BAD_PAYLOAD', expect.stringContaining('is longer than 1000 bytes')]);
  expect(written).toBeLessThan(20_000_000);
});

test('T-37: a packed answer nobody asked for is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const { code } = await refusal((_, response) => send(response, 200, bomb, { 'content-encoding': 'gzip' }));
  expect(code).toBe('BAD_PAYLOAD');
});

test('T-25: never more at once, and never more a minute, than the budget says', async () => {
  const { master, http } = await withMaster({ budget: { concurrent: 3, perMinute: 40 } });
  master.delayMs = 5;
  const stop = new AbortController();
  const asking = Promise.allSettled(Array.from({ length: 50 }, () => http.get(PATH, { signal: stop.signal })));
  await expect.poll(() => master.asked.length).toBe(40);
  await expect.poll(() => http.usage().p95Ms).toBeGreaterThan(0);
  expect(http.usage()).toMatchObject({ requests: 40, usedLastMinute: 40 });
  stop.abort(new Error('enough'));
  const done = await asking;
  expect(done.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(10);
  expect([master.asked.length, master.mostAtOnce]).toEqual([40, 3]);
});

test('a wait of minutes ends at once when told to', async () => {
  const { master, http } = await withMaster();
  master.fault = (_, response) => send(response, 429, '', { 'retry-after': '300' });
  const stop = new AbortController();
  const reason = new Error('enough');
  const asking = http.get(PATH, { signal: stop.signal }).then(
    () => null,
    (cause: unknown) => cause,
  );
  await expect.poll(() => master.asked.length).toBe(1);
  const at = performance.now();
  stop.abort(reason);
  expect(await asking).toBe(reason);
  expect(performance.now() - at).toBeLessThan(1_000);
});

test.each(['169.254.169.254', '[fe80::1]', '[::ffff:169.254.169.254]', '0xa9fea9fe', '2852039166', '0.0.0.0'])(
  'S-28: %s is no address of a lab',
  (host) => {
    expect(() => open(`http://${host}/`)).toThrow(/is no address of a lab/);
  },
);

test('S-29: a name that leads into the own network is refused where that is not wanted, at the connection', async () => {
  const hits: string[] = [];
  const server = createServer((request) => hits.push(request.url ?? ''));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const { code, message } = await failure(
    open(`http://localhost:${port}/`, { allowPrivate: false }).get(PATH, { signal }),
  );
  expect([code, message]).toEqual([
    'UNSUPPORTED',
    expect.stringMatching(/localhost leads to (127\.0\.0\.1|::1), which is no address of a lab/),
  ]);
  expect(hits).toEqual([]);
});

test('L-21: the clock of the source is read off its answers', async () => {
  const { master, http } = await withMaster();
  expect(http.clockOffsetMs()).toBeNull();
  master.fault = (_, response) => send(response, 200, {}, { date: new Date(Date.now() + 3_600_000).toUTCString() });
  await http.get(PATH, { signal });
  expect(Math.abs((http.clockOffsetMs() ?? 0) - 3_600_000)).toBeLessThan(2_000);
});

test('bytes that are no HTTP are a broken connection', async () => {
  const server = createSocketServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n', () => socket.destroySoon()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const { code } = await failure(open(`http://127.0.0.1:${port}/`).get(PATH, { signal }));
  expect(code).toBe('UNREACHABLE');
});

test('S-20: secrets are struck out of what is kept', () => {
  const http = open('http://127.0.0.1:1/');
  const row = JSON.stringify({ id: 1, token: 'a"b', definition: 'secrets:\n  API_TOKEN: abc\n  password: "x y"\n' });
  const kept = http.redact(`${row} ${TOKEN}`);
  for (const secret of ['a\\"b', 'abc', 'x y', TOKEN]) expect(kept).not.toContain(secret);
  expect(kept).toContain('"id":1');
  expect(http.redact('the token is refused')).toBe('the token is refused');
});
