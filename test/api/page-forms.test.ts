/** Forms that the pages themselves answer: what is sent to them is bounded, and comes from their own site. */
import { EventEmitter } from 'node:events';
import { request } from 'node:http';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { buildApp } from '#api/app.ts';
import { temporaryWriter } from '../store/temporary.ts';

async function served(): Promise<string> {
  const { store } = await temporaryWriter();
  const app = await buildApp({
    ...{
      store,
      access: [],
      events: new EventEmitter(),
      logger: pino({ level: 'silent' }),
      version: 'test',
      startedAt: 0,
    },
    pages: async () => ({
      async handle(incoming, response) {
        let bytes = 0;
        for await (const chunk of incoming) bytes += chunk.length;
        response.setHeader('x-heard', Object.keys(incoming.headers).join(' '));
        response.end(String(bytes));
      },
    }),
  });
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** Headers and the beginning of a body; what the server says to it. */
function send(url: string, headers: Record<string, string>, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/issues/save`, { method: 'POST', headers }, (response) => {
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.on('error', reject);
    sent.write(body);
    if (headers['content-length'] === String(body.length)) sent.end();
  });
}

test('a form without an end, one that is too long, and one of another site are not read', async () => {
  const url = await served();
  const post = (headers: Record<string, string>, body = 'title=usb') =>
    send(url, { origin: url, 'content-type': 'application/x-www-form-urlencoded', ...headers }, body);
  expect(await post({ 'content-length': '9' })).toBe(200);
  expect(await post({ 'transfer-encoding': 'chunked' })).toBe(413);
  expect(await post({ 'content-length': String(10 * 1024 ** 3) })).toBe(413);
  expect(await post({ 'content-length': '9', origin: 'https://evil.example' })).toBe(403);
});

test('S-37: no header from outside speaks to the pages as their own machinery does, or says who asks', async () => {
  const url = await served();
  const headers = { 'x-middleware-subrequest': 'middleware', 'x-middleware-rewrite': '/accounts', 'x-other': '1' };
  const { headers: told } = await fetch(`${url}/labs`, { headers });
  expect(told.get('x-heard')).toContain('x-other');
  expect(told.get('x-heard')).not.toContain('x-middleware');
});
