import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { atom, type Feed, jsonFeed } from '#api/feed-format.ts';
import { addFailures, NOW } from '../store/failing-world.ts';
import { settings } from '../store/settings.ts';
import { addBuildJob, submitOf } from './build-world.ts';
import { addJob, type Server, startServer } from './server.ts';

const ROOT = { login: 'root', token: 'secret', teams: [], role: 'admin' as const };
const OPEN = { authorization: 'Bearer secret' };

type Item = {
  id: string;
  url: string;
  title: string;
  content_text: string;
  date_published: string;
  date_modified: string;
};
type Json = {
  version: string;
  title: string;
  feed_url: string;
  home_page_url: string;
  description?: string;
  items: Item[];
};

const ask = (server: Server, path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/feed/${path}`, { headers });

async function jsonOf(server: Server, path: string, headers?: Record<string, string>): Promise<Json> {
  const response = await ask(server, path, headers);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'application/feed+json; charset=utf-8',
  ]);
  return (await response.json()) as Json;
}

/** The texts of the elements of each name, after a strict reading. */
function readAtom(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const parser = new SaxesParser({ xmlns: true });
  let inside = '';
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    expect(uri).toBe('http://www.w3.org/2005/Atom');
    inside = local;
    found[local] = [...(found[local] ?? []), ...(attributes.href ? [attributes.href.value] : [''])];
  });
  parser.on('text', (piece) => {
    const texts = found[inside];
    if (texts && piece.trim() !== '') texts[texts.length - 1] += piece;
  });
  parser.on('closetag', () => {
    inside = '';
  });
  parser.write(text).close();
  return found;
}

const FEED: Feed = {
  title: 'a <b> & ]]> \0',
  note: null,
  page: '/builds?project=a&branch=b',
  self: '/feed/builds.atom?project=a&branch=b',
  entries: [
    {
      event: 'build.created',
      id: 'x',
      path: '/builds/a/1',
      title: '<script>',
      text: '\ud800&amp;',
      publishedAt: 1_000_000,
      updatedAt: 2_500_000,
    },
  ],
};

test('both formats say the same, whatever it is called; an empty feed is one too', () => {
  const found = readAtom(atom(FEED, 'https://basalt.example:8443'));

  expect(found).toMatchObject({
    id: ['tag:basalt.example,2026:/feed/builds.atom?project=a&branch=b', 'tag:basalt.example,2026:x'],
    title: ['a <b> & ]]> \ufffd', '<script>'],
    updated: ['1970-01-01T00:00:02.5Z', '1970-01-01T00:00:02.5Z'],
    published: ['1970-01-01T00:00:01Z'],
    content: ['\ufffd&amp;'],
    link: [
      'https://basalt.example:8443/feed/builds.atom?project=a&branch=b',
      'https://basalt.example:8443/builds?project=a&branch=b',
      'https://basalt.example:8443/builds/a/1',
    ],
  });
  expect(JSON.parse(jsonFeed(FEED, 'https://basalt.example:8443')).items).toEqual([
    {
      ...{ id: 'tag:basalt.example,2026:x', url: 'https://basalt.example:8443/builds/a/1', title: '<script>' },
      ...{
        content_text: '\ud800&amp;',
        date_published: '1970-01-01T00:00:01Z',
        date_modified: '1970-01-01T00:00:02.5Z',
      },
    },
  ]);
  expect(readAtom(atom({ ...FEED, entries: [] }, '')).updated).toEqual(['1970-01-01T00:00:00Z']);
});

test('builds, newest first, fifty at most, whatever their number for the same questions to the store', async () => {
  const server = await startServer({ sources: ['alpha'], access: [ROOT] });
  const statements = async () => {
    const before = server.store.statementCount();
    await jsonOf(server, 'builds.json?project=mainline', OPEN);
    return server.store.statementCount() - before;
  };
  for (let n = 1; n <= 3; n++) await addBuildJob(server, { number: n, build: `v${n}`, cases: { a: 'P', b: 'F' } });
  const few = await statements();
  for (let n = 4; n <= 52; n++) await addBuildJob(server, { number: n, build: `v${n}`, cases: { a: 'P' } });

  const { items, ...feed } = await jsonOf(server, 'builds.json?project=mainline');

  expect(feed).toMatchObject({
    ...{ version: 'https://jsonfeed.org/version/1.1', title: 'Builds of mainline' },
    ...{
      feed_url: `${server.url}/feed/builds.json?project=mainline`,
      home_page_url: `${server.url}/builds?project=mainline`,
    },
    description: 'Something may be missing: alpha not read to the end.',
  });
  expect(items).toHaveLength(50);
  expect(items[0]).toMatchObject({ title: 'mainline v52', url: `${server.url}/builds/mainline/v52` });
  expect(items.at(-1)).toMatchObject({ title: 'mainline v3', content_text: 'Pass: 1, fail: 1, skip: 0, unknown: 0.' });
  expect(new Set(items.map(({ id }) => id)).size).toBe(50);
  expect(await statements()).toBe(few);
});

test('failures, by when they were first seen, and the same by labs and kinds', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'], access: [ROOT] });
  await addFailures(server.writer);
  const list = '{ failureGroups(first: 50) { nodes { fingerprint firstSeen title } } }';
  type Groups = { failureGroups: { nodes: { fingerprint: string; firstSeen: string; title: string }[] } };
  const { failureGroups } = await server.data<Groups>(list);
  const told = failureGroups.nodes.map(({ fingerprint, firstSeen, title }) => [
    ...[`${server.url}/failures/${encodeURIComponent(fingerprint)}`, title, firstSeen],
  ]);

  const { items } = await jsonOf(server, 'failures.json');

  expect(items.map(({ url, title, date_published }) => [url, title, date_published]).sort()).toEqual(told.sort());
  const times = items.map(({ date_modified }) => date_modified);
  expect(times).toEqual([...times].sort().reverse());
  expect((await jsonOf(server, 'failures.json?kind=Kernel')).items.map(({ content_text }) => content_text)).toEqual([
    expect.stringMatching(/^[A-Z]+: /),
  ]);
  expect((await jsonOf(server, 'failures.json?class=Infrastructure&lab=beta')).items.length).toBeLessThan(items.length);
  expect(Date.parse(times[0] ?? '')).toBeLessThanOrEqual(NOW / 1000);
});

test('regressions: when it began, and again when it is fixed', async () => {
  const server = await startServer({ sources: ['alpha'], access: [ROOT], now: () => submitOf(40) });
  const letters = [...'PPPPPPPPPPPPFFFFF'];
  for (const [i, boot] of letters.entries())
    await addBuildJob(server, { number: i + 1, build: `v${i + 1}`, cases: { boot, 'mm/ok': 'P' } });
  const read = (path: string) => jsonOf(server, path, OPEN);

  const [began, ...others] = (await read('regressions.json')).items;
  expect(others).toEqual([]);
  expect(began).toMatchObject({
    title: 'smoke/boot fails since v13 (mainline master, qemu)',
    url: `${server.url}/tests/mainline/smoke?test=boot&branch=master&type=qemu`,
    content_text: 'It passed in v12; builds that fail: 5.',
    date_published: new Date(submitOf(13) / 1000).toISOString().replace('.000', ''),
  });
  const node = began?.id.split(':').at(-1);
  const { node: found } = await server.data<{ node: { name: string } }>(
    `{ node(id: "${node}") { ... on Regression { name } } }`,
  );
  expect(found.name).toBe('boot');
  for (const number of [18, 19, 20]) await addBuildJob(server, { number, build: `v${number}`, cases: { boot: 'P' } });
  const [fixed] = (await read('regressions.json?state=fixed&days=30&project=mainline&lab=alpha&type=qemu')).items;
  expect(fixed).toMatchObject({ id: began?.id, date_published: began?.date_published });
  expect(fixed?.title).toMatch(/fixed in v18/);
  expect(fixed?.date_modified).toBe(new Date(submitOf(18) / 1000).toISOString().replace('.000', ''));
  expect((await read('regressions.json?state=open')).items).toEqual([]);
});

test('a feed of what is hidden is one of what is not there; a token shows its own, and to nobody else', async () => {
  const server = await startServer({
    sources: ['alpha', settings('hidden', { visibility: 'RESTRICTED', teams: ['kernel'] })],
    access: [ROOT],
  });
  await addJob(server, 'alpha', 1);
  const metadata = { 'git-tree': 'secret', 'git-describe': 'v1' };
  await addJob(server, 'hidden', 2, {
    metadata,
    health: 'INCOMPLETE',
    errorType: 'Infrastructure',
    errorMessage: 'lost',
  });
  const known = async (path: string, name: string, headers: Record<string, string> = {}) => {
    const response = await ask(server, path, headers);
    const {
      etag: _,
      date: __,
      'x-request-id': ___,
      'content-length': ____,
      ...told
    } = Object.fromEntries(response.headers);
    expect(response.status).toBe(200);
    return { told, body: (await response.text()).replaceAll(name, 'NAME') };
  };

  for (const ending of ['atom', 'json']) {
    expect(await known(`builds.${ending}?project=secret`, 'secret')).toEqual(
      await known(`builds.${ending}?project=nothing`, 'nothing'),
    );
    expect((await known(`builds.${ending}?project=secret`, '-', OPEN)).body).toContain('secret v1');
    for (const feed of ['failures', 'regressions'])
      expect(await known(`${feed}.${ending}?lab=hidden`, 'hidden')).toEqual(
        await known(`${feed}.${ending}?lab=nothing`, 'nothing'),
      );
    expect((await known(`failures.${ending}`, '-')).body).not.toContain('lost');
    expect((await known(`failures.${ending}`, '-', OPEN)).body).toContain('lost');
  }
});

test('who has it is told so, by tag or by date; a wrong question is refused in words', async () => {
  const server = await startServer({ sources: ['alpha'], access: [ROOT] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { a: 'P' } });
  const path = 'builds.atom?project=mainline';
  const { headers } = await ask(server, path);
  const [tag, date] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];

  expect(headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
  expect(date).toBe(new Date(submitOf(1) / 1000).toUTCString());
  expect((await ask(server, path, { 'if-none-match': tag })).status).toBe(304);
  expect((await ask(server, path, { 'if-modified-since': date })).status).toBe(304);
  expect((await ask(server, path, { 'if-none-match': '"x"', 'if-modified-since': date })).status).toBe(200);
  expect((await ask(server, path, { ...OPEN })).headers.get('cache-control')).toBe('private, max-age=60');
  const https = await ask(server, path, { 'x-forwarded-proto': 'https' });
  expect(await https.text()).toContain(`href="${server.url.replace('http:', 'https:')}/builds/mainline/v1"`);
  for (const [wrong, words] of [
    ['builds.atom', '"project" is missing: a feed has the builds of one project.'],
    ['builds.atom?project=a&since=1', 'since: not among project, branch'],
    ['failures.json?class=Bad', 'class: "Bad" is no error type'],
    ['regressions.json?days=91', 'days: '],
  ] as const) {
    const response = await ask(server, wrong);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { errors: { message: string }[] }).errors[0]?.message).toContain(words);
  }
});
