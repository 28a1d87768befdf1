/** The way out to whoever vouches for accounts. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createIssuerFetch } from '#adapters/issuer-fetch.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function way(issuer: string, timeoutMs = 2_000) {
  const out = createIssuerFetch({ issuer, caPem: null, userAgent: 'test', timeoutMs });
  onTestFinished(() => out.close());
  return (url: string) => out.fetch(url, { method: 'GET', headers: {}, body: null });
}

test('S-28: addresses of the machine’s own network and plain HTTP are refused, wherever the provider names them', async () => {
  const local = await serve((_, response) => response.end('{}'));
  const ask = way('https://login.example/');
  for (const url of [local, 'http://login.example/keys', 'file:///etc/passwd'])
    await expect(ask(url)).rejects.toThrow('by https only');
  for (const host of ['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]'])
    await expect(ask(`https://${host}/keys`)).rejects.toThrow('no address of a lab');
  expect((await way(local)(local)).status).toBe(200);
  await expect(way(local)('http://192.0.2.1/')).rejects.toThrow('by https only');
});

test('S-30: what it sends elsewhere is not followed', async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect((await way(url)(`${url}/token`)).status).toBe(302);
  expect(asked).toEqual(['/token']);
});

test('an answer that is too long, or that never ends, is given up', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/long') response.end('x'.repeat(1_100_000));
    else response.write('{');
  });
  await expect(way(url)(`${url}/long`)).rejects.toThrow('answers more than 1048576 bytes');
  await expect(way(url, 200)(`${url}/slow`)).rejects.toThrow('does not answer');
  await expect(way('http://127.0.0.1:9')('http://127.0.0.1:9/')).rejects.toThrow('does not answer (ECONNREFUSED)');
});
