import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { badgeJson, badgeSvg, COLOURS } from '#api/badge-image.ts';
import { settings } from '../store/settings.ts';
import { BUILDS, writeBuild } from '../store/verdict-build.ts';
import { addJob, type Server, startServer } from './server.ts';

const ROOT = { login: 'root', token: 'secret', teams: [], role: 'admin' as const };

async function world(): Promise<Server> {
  const server = await startServer({
    sources: ['alpha', 'beta', settings('hidden', { visibility: 'RESTRICTED', teams: ['kernel'] })],
    access: [ROOT],
  });
  await writeBuild(server.writer, BUILDS);
  await setSources(server, 'last_success_at = ?', Date.now() * 1000);
  return server;
}

/** Of every source, where no other is named. */
async function setSources(server: Server, what: string, value: number | string | null, slug = '%'): Promise<void> {
  await server.writer.store.sql.run(`UPDATE source SET ${what} WHERE slug LIKE ?`, value, slug);
}

const ask = (server: Server, path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/badge/${path}`, { headers });

async function badgeOf(server: Server, path: string, token?: string) {
  const response = await ask(server, `${path}.json`, token ? { authorization: `Bearer ${token}` } : {});
  const { schemaVersion, label, message, color } = (await response.json()) as Record<string, string>;
  expect([response.status, schemaVersion]).toEqual([200, 1]);
  const colour = Object.entries(COLOURS).find(([, code]) => code === color)?.[0];
  return { label, says: `${message}, ${colour}` };
}

test('a badge of a build says its verdict; behind a source that is behind it is grey and says so, whatever it was', async () => {
  const server = await world();
  const says = async (version: string, token?: string) => (await badgeOf(server, `build/p/${version}`, token)).says;

  expect(await says('v0')).toBe('passes, green');
  expect(await says('fails')).toBe('1 failing, red');
  expect(await says('lost')).toBe('infrastructure, purple');
  expect(await says('waits')).toBe('incomplete, amber');
  expect(await badgeOf(server, 'build/p/latest')).toEqual({ label: 'p waits', says: 'incomplete, amber' });
  expect(await badgeOf(server, 'build/p/latest', 'secret')).toMatchObject({ label: 'p waits' });
  expect((await badgeOf(server, 'build/p/latest', 'secret')).says).toBe('incomplete, amber');

  await setSources(server, 'last_success_at = ?', 1, 'alpha');
  expect(await says('v0', 'secret')).toBe('stale, grey');
  expect(await says('fails', 'secret')).toBe('stale, grey');
  // Beta ran a build before this one, and may know of more.
  await setSources(server, 'last_success_at = ?', Date.now() * 1000, 'alpha');
  await setSources(server, 'last_error_code = ?', 'TIMEOUT', 'beta');
  expect(await says('v0', 'secret')).toBe('passes, green');
  expect(await says('lost', 'secret')).toBe('stale, grey');
});

test('a badge of a lab says whether its copy is in step', async () => {
  const server = await world();
  const says = async () => (await badgeOf(server, 'lab/alpha', 'secret')).says;

  expect(await badgeOf(server, 'lab/alpha')).toEqual({ label: 'alpha', says: 'in sync, green' });
  await setSources(server, 'last_success_at = ?', 1);
  expect(await says()).toBe('delayed, amber');
  await setSources(server, 'last_error_code = ?', 'TIMEOUT');
  expect(await says()).toBe('silent, red');
  await setSources(server, 'paused = ?', 1);
  expect(await says()).toBe('silent, grey');
});

test('of what is hidden and of what is not there the badges are the same to the byte', async () => {
  const server = await world();
  await addJob(server, 'hidden', 1, { metadata: { 'git-tree': 'secret', 'git-describe': 'v1' } });
  const known = async (path: string, token?: string) => {
    const response = await ask(server, path, token ? { authorization: `Bearer ${token}` } : {});
    const headers = Object.fromEntries(response.headers);
    for (const name of ['date', 'x-request-id']) delete headers[name];
    return { status: response.status, headers, body: await response.text() };
  };

  for (const format of ['svg', 'json']) {
    const absent = await known(`build/nothing/v1.${format}`);
    expect(absent.body).toContain('unknown');
    for (const path of ['build/secret/v1', 'build/secret/latest', 'build/nothing/latest', 'build/p/nothing'])
      expect(await known(`${path}.${format}`)).toEqual(absent);
    expect((await known(`build/secret/v1.${format}`, 'secret')).body).toContain('secret v1');
    expect(await known(`lab/hidden.${format}`)).toEqual(await known(`lab/nothing.${format}`));
    expect((await known(`lab/hidden.${format}`, 'secret')).body).toContain('hidden');
  }
});

test('who has it is told so; what a token shows is for nobody else; other sites may show it', async () => {
  const server = await world();
  const first = await ask(server, 'build/p/v0.svg?branch=main');
  const tag = first.headers.get('etag') ?? '';

  expect(first.headers.get('cache-control')).toBe('public, max-age=60');
  expect(first.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(first.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
  const again = await ask(server, 'build/p/v0.svg?branch=main', { 'if-none-match': `"x", W/${tag}` });
  expect([again.status, await again.text()]).toEqual([304, '']);
  expect((await ask(server, 'build/p/v0.svg', { 'if-none-match': '"other"' })).status).toBe(200);
  expect((await badgeOf(server, 'build/p/v0')).label).toBe('p v0');
  expect(await (await ask(server, 'build/p/v0.svg?branch=other')).text()).toContain('unknown');
  const own = await ask(server, 'build/p/v0.svg', { authorization: 'Bearer secret' });
  expect(own.headers.get('cache-control')).toBe('private, max-age=60');
  expect((await ask(server, 'build/p/v0')).status).toBe(404);
  expect((await ask(server, 'build/p/%ff.svg')).status).toBe(400);
});

test('visitors are many and the store is asked once; names may hold slashes', async () => {
  const server = await world();
  await addJob(
    server,
    'alpha',
    900,
    { metadata: { 'git-tree': 'a/b', 'git-describe': 'v1/rc 2', 'git-branch': 'x' } },
    ['PASS'],
  );
  const path = 'build/a%2Fb/v1/rc%202.svg';
  expect(await (await ask(server, path)).text()).toContain('aria-label="a/b v1/rc 2: passes"');
  const before = server.store.statementCount();

  await Promise.all(Array.from({ length: 20 }, () => ask(server, path)));

  expect(server.store.statementCount()).toBe(before);
});

test('S-32: whatever is called what, a badge is well formed, has a name and no markup of others; white is read on it', () => {
  const label = `<script>alert("1")</script>&'\0\ud800 ${'x'.repeat(200)}`;
  const texts: string[] = [];
  const names: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => names.push(name));
  parser.on('text', (text) => texts.push(text));
  parser.write(badgeSvg({ label, message: ']]>', colour: 'red' })).close();

  expect(new Set(names)).toEqual(new Set(['svg', 'title', 'rect', 'g', 'text']));
  expect(texts[0]).toMatch(/^<script>alert\("1"\)<\/script>&'\ufffd\ufffd x+…: \]\]>$/);
  expect(JSON.parse(badgeJson({ label, message: 'a', colour: 'red' })).label).toMatch(/^<script>.*…$/);
  const light = (hex: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, i) => sum + part * ([0.2126, 0.7152, 0.0722][i] ?? 0), 0);
  for (const colour of Object.values(COLOURS)) expect(1.05 / (light(colour) + 0.05)).toBeGreaterThan(4.5);
});
