/** One bad answer at a time on an otherwise good master: it is named, and nothing else is lost. */
import { expect, test } from 'vitest';
import type { Delta } from '#adapters/adapter.ts';
import { collect, context, idsOf } from '../contract/adapter.ts';
import { addJob, openJob, send } from './fake-master.ts';
import { casesOf, changeOf, failureOf, lavaWorld, rejectedOf } from './lava-world.ts';
import { openLava } from './open-lava.ts';

const lava = lavaWorld();

test('a wrong address says so', async () => {
  const { master } = lava();
  const wrong = openLava({ url: `${master.url}lava/` });
  const { code, message } = await failureOf(wrong.adapter.probe(context()));
  expect([code, message]).toEqual([
    'UNSUPPORTED',
    expect.stringMatching(/^lab: has nothing at .*system\/version\/: check the address/),
  ]);
  await wrong.http.close();
});

test('L-12: a refused token says so, in a probe and in the middle of a walk', async () => {
  const { master, adapter } = lava();
  const wrong = openLava(master, { token: 'old' });
  expect((await failureOf(wrong.adapter.probe(context()))).message).toContain('the token is refused');
  await wrong.http.close();
  master.fault = (_, response, count) => count > 9 && send(response, 403, { detail: 'Invalid token.' });
  const deltas: Delta[] = [];
  const cause = await failureOf(collect(adapter.changes(null, context()), deltas));
  expect([cause.code, cause.message]).toEqual(['UNAUTHORIZED', expect.stringContaining('the token is refused')]);
  expect(deltas.every(({ changes }) => changes.every(({ results }) => results !== null))).toBe(true);
});

test('a master that ignores the token says so', async () => {
  const { master, adapter } = lava();
  master.fault = ({ path }, response) => path.endsWith('/whoami/') && send(response, 200, { user: '' });
  const { code, message } = await failureOf(adapter.probe(context()));
  expect([code, message]).toEqual(['UNAUTHORIZED', expect.stringContaining('does not know the token')]);
});

test("L-27: a superuser's token is warned of", async () => {
  const { rowOf, adapter } = lava();
  rowOf(1).token = 'of-the-job';
  expect((await adapter.probe(context())).warnings).toEqual([expect.stringContaining("the token is a superuser's")]);
});

test('abilities are found by asking', async () => {
  const { master, rowOf, adapter } = lava();
  expect(await adapter.probe(context())).toMatchObject({
    version: '2023.01',
    whoAmI: 'reader',
    capabilities: ['rest-v0.2', 'events'],
    warnings: [],
  });
  rowOf(1).metadata = {};
  master.fault = ({ path }, response) => path.includes('/jobs/0/') && send(response, 404, { detail: 'Not found.' });
  expect((await adapter.probe(context())).capabilities).toEqual([
    'rest-v0.2',
    'events',
    'job-metadata',
    'nested-visibility',
  ]);
});

test.each([
  ['a bare list', []],
  ['another object', { jobs: [] }],
  ['a number', 7],
  ['results that are no list', { count: 1, results: { id: 1 } }],
  ['a hundred thousand levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
])('T-38: jobs as %s are refused by name and place', async (_, body) => {
  const { master, walk } = lava();
  master.fault = ({ path }, response) => path.endsWith('/jobs/') && send(response, 200, body);
  const { code, message } = await failureOf(walk());
  expect([code, message]).toEqual([
    'BAD_PAYLOAD',
    expect.stringMatching(/^lab: the answer at \/api\/v0\.2\/jobs\/ is not a list with "count" and "results"/),
  ]);
});

test('L-11: an HTML page in the middle of a walk stops it', async () => {
  const { master, walk } = lava();
  master.fault = (_, response, count) =>
    count > 9 && send(response, 200, '<html>back soon</html>', { 'content-type': 'text/html' });
  expect((await failureOf(walk())).code).toBe('BAD_PAYLOAD');
});

test('L-17: a redirect to another host stops the walk and names it', async () => {
  const { master, walk } = lava();
  master.fault = (_, response) => send(response, 302, '', { location: 'https://elsewhere.example/api/' });
  expect((await failureOf(walk())).message).toContain('sends to another address, https://elsewhere.example');
});

test('L-11: an error in the middle of the pages of one job stores nothing of that job and holds up no other', async () => {
  const { master, walk, adapter } = lava();
  addJob(master, 3, {}, 2_500);
  master.fault = ({ path, query }, response) =>
    path.endsWith('/jobs/3/tests/') && query.get('id__gt') !== '0' && send(response, 500, '');
  const deltas: Delta[] = [];
  const cause = await failureOf(collect(adapter.changes(null, context()), deltas));
  expect(cause.code).toBe('SERVER_ERROR');
  expect(idsOf(deltas)).toEqual(['1', '2', '4', '5']);
  expect(rejectedOf(deltas)).toEqual([
    expect.objectContaining({ stage: 'job', externalId: '3', reason: expect.stringContaining('it is tried again') }),
  ]);
  master.fault = null;
  const again = await walk(deltas.at(-1)?.bookmark, 60);
  expect(idsOf(again)).toEqual(['3']);
  expect(casesOf(changeOf(again, '3')).length).toBe(2_500);
});

test('when no job can be read the walk stops early', async () => {
  const { master, adapter } = lava();
  master.fault = ({ path }, response) => path.endsWith('/tests/') && send(response, 500, '', {});
  for (let id = 6; id <= 40; id++) addJob(master, id);
  const deltas: Delta[] = [];
  await failureOf(collect(adapter.changes(null, context()), deltas));
  expect(idsOf(deltas)).toEqual([]);
  expect(master.asked.length).toBeLessThan(40);
});

test('L-13: a job whose results this user may not read is kept without them, and not asked for again', async () => {
  const { master, walk } = lava();
  master.fault = ({ path }, response) =>
    path.endsWith('/jobs/3/suites/') && send(response, 403, { detail: 'You do not have permission.' });
  const deltas = await walk();
  expect(idsOf(deltas)).toEqual(['1', '2', '3', '4', '5']);
  expect(changeOf(deltas, '3')).toMatchObject({ results: null, settled: false });
  expect(rejectedOf(deltas)).toEqual([
    expect.objectContaining({ stage: 'job', externalId: '3', reason: expect.stringContaining('the right to view it') }),
  ]);
  const second = await walk(deltas.at(-1)?.bookmark, 3_600);
  expect([idsOf(second), rejectedOf(second)]).toEqual([[], []]);
});

test('a job that goes away while it is read is not stored', async () => {
  const { master, walk } = lava();
  master.fault = ({ path }, response) => {
    if (!path.endsWith('/jobs/3/tests/')) return undefined;
    master.jobs.delete(3);
    return send(response, 404, { detail: 'Not found.' });
  };
  const deltas = await walk();
  expect([idsOf(deltas), rejectedOf(deltas)]).toEqual([['1', '2', '4', '5'], []]);
});

test('L-08: pages that are not whole are read again, never stored in part', async () => {
  const { master, walk, testsOf } = lava();
  let lies = 2;
  master.fault = ({ path, query }, response) =>
    path.endsWith('/jobs/3/tests/') &&
    query.get('id__gt') === '0' &&
    lies-- > 0 &&
    send(response, 200, { count: 4, results: testsOf(3) });
  expect(casesOf(changeOf(await walk(), '3')).length).toBe(3);
});

test('pages shorter than asked for are read to the end', async () => {
  const { master, walk, adapter } = lava();
  for (let id = 6; id <= 60; id++) addJob(master, id);
  master.longestPage = 7;
  const deltas = await walk();
  expect(idsOf(deltas).length).toBe(60);
  expect((await adapter.snapshot(context())).devices.length).toBe(2);
});

test.each(['id__gt', 'state__in', 'id__in', 'end_time__gt'])(
  'L-09: a master that ignores %s is refused, not read twice',
  async (filter) => {
    const { master, walk, rowOf } = lava();
    for (let id = 6; id <= 45; id++) addJob(master, id);
    rowOf(1).end_time = '2026-04-01T00:00:00Z';
    openJob(master, 46);
    const first = await walk();
    addJob(master, 46);
    master.fault = ({ query }) => {
      query.delete(filter);
      return undefined;
    };
    const { code, message } = await failureOf(walk(first.at(-1)?.bookmark, 900));
    expect([code, message]).toEqual(['UNSUPPORTED', expect.stringContaining(`ignored the filter ${filter}`)]);
  },
);
