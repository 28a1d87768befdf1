/** When a job is read, how often, and who may see it. */
import { expect, test } from 'vitest';
import type { Delta } from '#adapters/adapter.ts';
import { collect, context, idsOf } from '../contract/adapter.ts';
import { addJob, definition, device, deviceType, openJob, send, testCase } from './fake-master.ts';
import { casesOf, changeOf, failureOf, lavaWorld, settledOf } from './lava-world.ts';
import { openLava } from './open-lava.ts';

const lava = lavaWorld({ settleSeconds: 10 });
const endedAgo = (seconds: number) => ({ end_time: new Date(Date.now() - seconds * 1000).toISOString() });

test('a finished job costs three requests and its share of a page', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 100; id++) addJob(master, id);
  await lava().adapter.snapshot(context());
  const before = master.asked.length;
  await walk();
  const counts: Record<string, number> = {};
  for (const { path } of master.asked.slice(before)) {
    const name = path.replace(/jobs\/\d+\//, 'jobs/N/');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  expect(counts).toEqual({
    '/api/v0.2/jobs/': 4,
    '/api/v0.2/jobs/N/suites/': 100,
    '/api/v0.2/jobs/N/tests/': 100,
    '/api/v0.2/jobs/N/logs/': 100,
  });
});

test('a walk over a master at rest costs one request', async () => {
  const { master, walk } = lava();
  const first = await walk();
  const before = master.asked.length;
  expect(await walk(first.at(-1)?.bookmark)).toEqual([]);
  expect(master.asked.length - before).toBe(1);
});

test('L-32: a job that has just ended is given at once and read again until nothing arrives any more', async () => {
  const { master, walk } = lava();
  const job = addJob(master, 6, endedAgo(2));
  const first = await walk();
  expect(changeOf(first, '6')).toMatchObject({ settled: false });
  job.tests.push(testCase(6_900, 60, 'late'));
  expect(idsOf(await walk(first.at(-1)?.bookmark, 5))).toEqual([]);
  const later = await walk(first.at(-1)?.bookmark, 15);
  expect(casesOf(changeOf(later, '6')).map(({ name }) => name)).toContain('late');
  expect(changeOf(later, '6')).toMatchObject({ settled: false });
  const last = await walk(later.at(-1)?.bookmark, 60);
  expect([idsOf(last), settledOf(last)]).toEqual([[], ['6']]);
  expect(idsOf(await walk(last.at(-1)?.bookmark, 600))).toEqual([]);
});

test('L-08: a job into which results still arrive while it is read is not settled', async () => {
  const { master, walk } = lava();
  const job = addJob(master, 6, endedAgo(30));
  master.fault = ({ path }) => {
    if (path.endsWith('/jobs/6/logs/')) job.tests.push(testCase(6_000 + job.tests.length, 60, 'late'));
    return undefined;
  };
  const first = await walk();
  expect(changeOf(first, '6')).toMatchObject({ settled: false });
  master.fault = null;
  const later = await walk(first.at(-1)?.bookmark, 60);
  expect(changeOf(later, '6')).toMatchObject({ settled: false });
  expect(settledOf(await walk(later.at(-1)?.bookmark, 180))).toEqual(['6']);
});

test("L-21: a job ends by the master's clock, not by ours", async () => {
  const { master, walk } = lava();
  addJob(master, 6, endedAgo(3_600));
  master.fault = (_, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    return undefined;
  };
  expect(changeOf(await walk(), '6')).toMatchObject({ settled: false });
});

test('open jobs come by the page, not one by one', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 90; id++) openJob(master, id, 'Submitted');
  const deltas = await walk();
  expect(idsOf(deltas).length).toBe(90);
  expect(deltas.filter(({ changes }) => changes.some(({ job }) => job.state === 'SUBMITTED')).length).toBe(1);
});

test('T-15: an open job that is deleted is not asked for for ever', async () => {
  const { master, walk } = lava();
  openJob(master, 6);
  const first = await walk();
  master.jobs.delete(6);
  const second = await walk(first.at(-1)?.bookmark);
  const before = master.asked.length;
  await walk(second.at(-1)?.bookmark);
  expect(master.asked.length - before).toBe(1);
});

test('L-19, L-28: a page is never asked for by an address the master names', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 250; id++) addJob(master, id, {}, 0);
  await walk();
  expect(master.asked.every(({ path }) => !path.includes('cancel'))).toBe(true);
});

test('S-05: what the master shows a visitor is public, and nothing else', async () => {
  const { master, walk, adapter } = lava();
  master.lists.devicetypes.push(deviceType('secret'));
  master.lists.devices.push(device('secret-1', 'secret'), device('locked', 'qemu'));
  for (const name of ['secret', 'locked']) master.hidden.add(name);
  addJob(master, 6, { viewing_groups: [3] });
  addJob(master, 7, { definition: definition('personal') });
  addJob(master, 8, { definition: 'visibility: {group: [a]}\n' });
  addJob(master, 9, { definition: 'metadata: {a: b}\n' });
  addJob(master, 10, { requested_device_type: 'secret', actual_device: null });
  addJob(master, 11, { actual_device: 'locked' });
  addJob(master, 12, { requested_device_type: null, actual_device: null });
  const changes = (await walk()).flatMap((delta) => delta.changes);
  expect(changes.length).toBe(12);
  expect(changes.filter(({ job }) => job.isPublic).map(({ job }) => job.externalId)).toEqual([
    '1',
    '2',
    '3',
    '4',
    '5',
    '12',
  ]);
  const { devices } = await adapter.snapshot(context());
  expect(devices.filter(({ isPublic }) => isPublic).map(({ hostname }) => hostname)).toEqual(['board-1', 'qemu-1']);
});

test('S-05: where everything needs a login nothing is public', async () => {
  const { master, walk } = lava();
  master.loginRequired = true;
  addJob(master, 6, { requested_device_type: null, actual_device: null });
  const changes = (await walk()).flatMap((delta) => delta.changes);
  expect([changes.length, changes.filter(({ job }) => job.isPublic).length]).toEqual([6, 0]);
});

test('a visitor without a token reads what visitors may, or is told to bring one', async () => {
  const { master } = lava();
  addJob(master, 6, { definition: definition('personal') });
  const visitor = openLava(master, { token: null });
  const ids: string[] = [];
  for await (const { changes } of visitor.adapter.changes(null, context()))
    for (const { job } of changes) if (job.isPublic) ids.push(job.externalId);
  expect(ids).toEqual(['1', '2', '3', '4', '5']);
  expect((await visitor.adapter.probe(context())).whoAmI).toBeNull();
  master.loginRequired = true;
  const { code, message } = await failureOf(visitor.adapter.probe(context()));
  expect([code, message]).toEqual(['UNAUTHORIZED', expect.stringContaining('give this source a token')]);
  await visitor.http.close();
});

test('the job of a board that is newer than the last look at the boards stays public', async () => {
  const { master, walk, adapter } = lava();
  await adapter.snapshot(context());
  master.lists.devices.push(device('new-1', 'qemu'));
  addJob(master, 6, { actual_device: 'new-1' });
  expect(changeOf(await walk(), '6')?.job.isPublic).toBe(true);
});

test('a master that is too old to have tags and aliases is read without', async () => {
  const { master, adapter } = lava();
  master.fault = ({ path }, response) =>
    /\/(tags|aliases)\//.test(path) && send(response, 404, { detail: 'Not found.' });
  expect((await adapter.snapshot(context())).devices.map(({ tags }) => tags)).toEqual([['#1'], ['#1']]);
});

test.each([
  ['says that there are some and gives none', { count: 1, next: null, previous: null, results: [] }],
  ['says that there are none', { count: 0, next: null, previous: null, results: [] }],
])('an open job is not forgotten by a list that %s', async (_, lie) => {
  const { master, walk } = lava();
  openJob(master, 6);
  const first = await walk();
  master.fault = ({ path, query }, response) =>
    path.endsWith('/jobs/') && (query.has('state__in') || query.has('id__in')) && send(response, 200, lie);
  const during = await walk(first.at(-1)?.bookmark).catch(() => first);
  master.fault = null;
  addJob(master, 6);
  expect(idsOf(await walk(during.at(-1)?.bookmark ?? first.at(-1)?.bookmark))).toEqual(['6']);
});

test('L-12: a token that is refused in the middle of a job stops the walk, and the job is read when it is known again', async () => {
  const { master, walk, adapter } = lava();
  const deltas: Delta[] = [];
  master.fault = ({ path }, response) =>
    path.endsWith('/jobs/3/tests/') && send(response, 403, { detail: 'Invalid token.' });
  const cause = await failureOf(collect(adapter.changes(null, context()), deltas));
  expect([cause.code, idsOf(deltas)]).toEqual(['UNAUTHORIZED', ['1', '2']]);
  master.fault = null;
  expect(idsOf(await walk(deltas.at(-1)?.bookmark))).toEqual(['3', '4', '5']);
});

test('a proxy that keeps Basalt out is not taken for the master', async () => {
  const { master, walk } = lava();
  master.fault = ({ path }, response) =>
    path.endsWith('/jobs/3/tests/') && send(response, 403, '<h1>Forbidden</h1>', { 'content-type': 'text/html' });
  const { code, message } = await failureOf(walk());
  expect([code, message]).toEqual(['UNAUTHORIZED', expect.stringContaining('is there a proxy before it')]);
});
