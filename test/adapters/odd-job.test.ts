/** Jobs as masters really have them: broken off, canceled, named oddly, upgraded in the middle. */
import { expect, test } from 'vitest';
import { context, idsOf } from '../contract/adapter.ts';
import { addJob, device, openJob, send, testCase } from './fake-master.ts';
import { casesOf, changeOf, lavaWorld, rejectedOf, settledOf } from './lava-world.ts';

const lava = lavaWorld();

test.each([
  ['without the suite of its steps', { suites: [{ id: 60, name: '0_smoke', job: 6 }] }, 3],
  ['without a suite', { suites: [], tests: [] }, 0],
  ['without a log', { log: null }, 3],
  ['with a log of nothing', { log: '' }, 3],
])('L-33: a job that ended %s is kept as it is', async (_, left, cases) => {
  const { master, walk } = lava();
  Object.assign(addJob(master, 6), left);
  const change = changeOf(await walk(), '6');
  expect([change?.settled, casesOf(change).length]).toEqual([true, cases]);
  expect(change?.results?.log ?? null).toEqual('log' in left ? null : expect.anything());
});

test('L-33: a job that ended in the moment it began, on no board, is kept as it is', async () => {
  const { master, walk } = lava();
  const at = '2026-05-01T00:00:06.000001Z';
  addJob(master, 6, { actual_device: null, requested_device_type: null, start_time: at, end_time: at }, 0);
  const change = changeOf(await walk(), '6');
  expect(change?.job).toMatchObject({ device: null, deviceType: null, state: 'FINISHED', isPublic: true });
  expect(change?.job.startAt).toBe(change?.job.endAt);
});

test.each(['Canceling', 'Scheduled'])(
  'L-34: a job that is %s for days stays open, and its end is found',
  async (state) => {
    const { master, walk } = lava();
    openJob(master, 6, state);
    let from: string | null | undefined = null;
    for (const days of [0, 1, 2, 3]) {
      const deltas = await walk(from, days * 86_400);
      expect(changeOf(deltas, '6')).toMatchObject({ job: { state: state.toUpperCase() }, results: null });
      from = deltas.at(-1)?.bookmark;
    }
    // As `lava-server manage jobs fail` leaves it: no log, and no step that says why.
    Object.assign(addJob(master, 6, { health: 'Incomplete' }, 0), { suites: [], log: null });
    const change = changeOf(await walk(from, 4 * 86_400), '6');
    expect(change?.job).toMatchObject({ state: 'FINISHED', health: 'INCOMPLETE', errorType: null });
    expect(change?.settled).toBe(true);
  },
);

test('L-35: results of a canceled job are kept as they are', async () => {
  const { master, walk } = lava();
  const job = addJob(master, 6, { health: 'Canceled' });
  job.tests.push(testCase(6_900, 60, 'last', { result: 'fail' }));
  const change = changeOf(await walk(), '6');
  expect(change?.job.health).toBe('CANCELED');
  expect(casesOf(change).map(({ result }) => result)).toEqual(['PASS', 'PASS', 'PASS', 'FAIL']);
});

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`)}]`).join('\n')}\nset: *j\nerror_type: *j\n`;

test.each([
  ['no YAML', 'case: [1\nresult: pass'],
  ['a list', '- case: a\n'],
  ['null', 'null\n'],
  ['nothing', ''],
  ['cut off in the middle', `case: a\nerror_msg: "${'x'.repeat(4_050)}`],
  ["a tag of Python's", '!!python/object/apply:os.system ["true"]\n'],
  ['built to explode', bomb],
])('L-36, T-36: metadata of a case that is %s costs no case, and is kept as it came', async (_, metadata) => {
  const { master, walk } = lava();
  const job = addJob(master, 6, { health: 'Incomplete' });
  job.tests.push(
    testCase(6_900, 60, 'odd', { metadata, test_set: 3 }),
    testCase(6_901, 59, 'job', { metadata, result: 'fail' }),
  );
  const deltas = await walk();
  const before = process.threadCpuUsage();
  const read = await lava().adapter.job('6', context());
  const { user } = process.threadCpuUsage(before);
  expect(user).toBeLessThan(1_000_000);
  for (const change of [changeOf(deltas, '6'), read?.change]) {
    expect(casesOf(change)).toHaveLength(5);
    expect(casesOf(change).find(({ name }) => name === 'odd')).toMatchObject({ metadata, set: null });
    expect(change?.job.errorType).toBeNull();
  }
  expect(rejectedOf(deltas)).toEqual([]);
});

test('L-39: suites may have any name', async () => {
  const { master, walk } = lava();
  const names = ['smoke', '0_', '12_a_b', 'a/b c', '测试-✓', '0_ltp/../x', '_'];
  const job = addJob(master, 6, {}, 0);
  job.suites = names.map((name, i) => ({ id: 60 + i, name, job: 6 }));
  job.tests = names.map((_, i) => testCase(6_000 + i, 60 + i, 'one'));
  const change = changeOf(await walk(), '6');
  expect(change?.results?.suites.map(({ name, cases }) => [name, cases.length])).toEqual(
    names.map((name) => [name, 1]),
  );
});

test('L-23: a master that is upgraded between two pages of a job, and between two jobs, is read on', async () => {
  const { master, walk, adapter } = lava();
  const { unit, ...old } = testCase(6_000, 60, 'old');
  const job = addJob(master, 6, {}, 1_500);
  for (const [i, row] of job.tests.entries())
    if (i < 1_000) job.tests[i] = { ...old, id: row.id, name: row.name, units: 's' };
    else Object.assign(row, { unit: 's' });
  addJob(master, 7, { metadata: { a: 'b' }, requested_device: null, requested_worker: null });
  const change = changeOf(await walk(), '6');
  expect(unit).toBe('');
  expect(new Set(casesOf(change).map((one) => one.unit))).toEqual(new Set(['s']));
  expect(casesOf(change)).toHaveLength(1_500);
  const version = (told: string) => {
    master.fault = ({ path }, response) => path.endsWith('/version/') && send(response, 200, { version: told });
  };
  for (const told of ['2026.07', '2022.01.3', '2023.05.post1', '2026.07.dev0123']) {
    version(told);
    expect((await adapter.probe(context())).version).toBe(told);
  }
});

test('L-58: boards that are retired are read, too', async () => {
  const { master, adapter } = lava();
  master.lists.devices.push({ ...device('old-1', 'qemu'), health: 'Retired' });
  master.fault = ({ path, query }) => {
    // As masters do: what is retired is left out unless all are asked for.
    if (path.endsWith('/devices/') && query.get('all') !== 'true')
      master.lists.devices = master.lists.devices.filter(({ health }) => health !== 'Retired');
    return undefined;
  };
  const { devices } = await adapter.snapshot(context());
  expect(devices.find(({ hostname }) => hostname === 'old-1')).toMatchObject({ health: 'Retired' });
});

test('L-24, L-25: a worker that is offline or in maintenance is told as that, its boards and jobs as they are', async () => {
  const { master, adapter, walk } = lava();
  master.lists.workers.push(
    { hostname: 'worker-2', state: 'Offline', health: 'Active' },
    { hostname: 'worker-3', state: 'Online', health: 'Maintenance' },
  );
  master.lists.devices.push({ ...device('board-2', 'board'), worker_host: 'worker-2' });
  for (let id = 6; id <= 30; id++) openJob(master, id, 'Submitted');
  const { workers, devices, rejected } = await adapter.snapshot(context());
  expect(workers.map(({ hostname, state, health }) => [hostname, state, health])).toEqual([
    ['worker-1', 'Online', 'Active'],
    ['worker-2', 'Offline', 'Active'],
    ['worker-3', 'Online', 'Maintenance'],
  ]);
  expect(devices.find(({ hostname }) => hostname === 'board-2')).toMatchObject({ state: 'Idle', health: 'Good' });
  expect(rejected).toEqual([]);
  expect(changeOf(await walk(), '30')).toMatchObject({ job: { state: 'SUBMITTED' }, results: null });
});

test('L-44: a log that comes packed is no log; it is asked for again while the job is young', async () => {
  const { master, walk } = lava();
  const packed = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6]);
  const job = addJob(master, 6, { end_time: new Date(Date.now() - 60_000).toISOString() });
  Object.assign(addJob(master, 7), { log: packed });
  const { log } = job;
  job.log = packed;
  const first = await walk();
  expect(changeOf(first, '6')).toMatchObject({ results: { log: null }, settled: false });
  expect(casesOf(changeOf(first, '6'))).toHaveLength(3);
  expect(changeOf(first, '7')).toMatchObject({ results: { log: null }, settled: true });
  expect(rejectedOf(first).map(({ stage, externalId, reason }) => [stage, externalId, reason])).toEqual([
    ['log', '6', expect.stringContaining('comes packed (xz)')],
    ['log', '7', expect.stringContaining('comes packed (xz)')],
  ]);
  job.log = log;
  const second = await walk(first.at(-1)?.bookmark, 60);
  const found = changeOf(second, '6');
  expect([Buffer.concat([...(found?.results?.log?.bytes ?? [])]).toString(), found?.settled]).toEqual([log, false]);
  expect(settledOf(await walk(second.at(-1)?.bookmark, 180))).toEqual(['6']);
});

test.each([
  ['"None" bytes long, as is no answer', 'None', { results: { log: null }, settled: false }],
  ['shorter than it is', '9', { results: { log: { truncated: true } }, settled: true }],
])('L-44, T-34: a log that says it is %s is not taken for whole', async (_, length, wanted) => {
  const { master, walk } = lava();
  const job = addJob(master, 6);
  master.fault = ({ path }, response) => {
    if (!path.endsWith('/jobs/6/logs/')) return undefined;
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/yaml\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;
    response.socket?.end(head + String(job.log));
    return true;
  };
  const change = changeOf(await walk(), '6');
  expect(change).toMatchObject(wanted);
  expect(casesOf(change)).toHaveLength(3);
});

test('L-44: a log that a master gives in part is asked for again while its job is young, and not for ever', async () => {
  const { master, walk } = lava();
  const job = addJob(master, 6, { end_time: new Date(Date.now() - 60_000).toISOString() });
  job.log = String(job.log).slice(0, 20);
  const first = await walk();
  expect(changeOf(first, '6')).toMatchObject({ results: { log: { truncated: true } }, settled: false });
  expect(rejectedOf(first)).toEqual([expect.objectContaining({ stage: 'log', externalId: '6' })]);
  const later = await walk(first.at(-1)?.bookmark, 1_000);
  expect(changeOf(later, '6')).toMatchObject({ results: { log: { truncated: true } }, settled: true });
  expect(idsOf(await walk(later.at(-1)?.bookmark, 100_000))).toEqual([]);
});

test('L-13: a job that turns private while it is open is not taken for deleted, and comes back', async () => {
  const { master, walk } = lava();
  openJob(master, 6);
  const first = await walk();
  master.concealed.add(6);
  const second = await walk(first.at(-1)?.bookmark);
  expect(idsOf(second)).toEqual([]);
  addJob(master, 6, { end_time: new Date().toISOString() });
  master.concealed.clear();
  const third = await walk(second.at(-1)?.bookmark, 900);
  expect(idsOf(third)).toEqual(['6']);
});

test('T-19: a case has a result and a measurement', async () => {
  const { master, walk } = lava();
  const job = addJob(master, 6, {}, 0);
  job.tests.push(testCase(6_000, 60, 'speed', { result: 'fail', measurement: '12.5000000000', unit: 'MB/s' }));
  expect(casesOf(changeOf(await walk(), '6'))).toMatchObject([
    { result: 'FAIL', measurement: '12.5000000000', unit: 'MB/s' },
  ]);
});

test('L-29, T-18: ten thousand cases of any name come as they are', { timeout: 60_000 }, async () => {
  const { master, walk } = lava();
  const odd = ['😀', 'a\0b', '\u202egnp.exe', '\ud800', '__proto__', '"\'\\', '\u2028'];
  const job = addJob(master, 6, {}, 0);
  for (let i = 0; i < 10_000; i++)
    job.tests.push(testCase(60_000 + i, 60, `${odd[i % odd.length]} ${i}`, { measurement: i % 2 ? '1e308' : 'NaN' }));
  const deltas = await walk();
  const cases = casesOf(changeOf(deltas, '6'));
  expect(cases.map(({ name }) => name)).toEqual(job.tests.map(({ name }) => name));
  expect(cases.filter(({ measurement }) => measurement === '1e308')).toHaveLength(5_000);
  expect(rejectedOf(deltas)).toHaveLength(5_000);
});

test('T-38: keys given twice, keys of machinery and numbers beyond all bounds pollute nothing', async () => {
  const { master, walk, rowOf } = lava();
  const rows = [1, 2, 4, 5].map(rowOf);
  const twice = JSON.stringify(rowOf(3)).replace('{"id":3', '{"__proto__":{"isAdmin":true},"id":99,"id":3');
  const huge = JSON.stringify({ ...rowOf(5), id: 0 }).replace('"id":0', `"id":1${'0'.repeat(300)}`);
  master.fault = ({ path, query }, response) => {
    if (!path.endsWith('/jobs/') || query.get('id__gt') !== '0' || query.has('state__in')) return undefined;
    const list = [rows[0], rows[1], twice, rows[2], rows[3], huge];
    const text = list.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join(',');
    return send(response, 200, `{"count":6,"next":null,"previous":null,"results":[${text}]}`);
  };
  const deltas = await walk();
  expect(idsOf(deltas)).toEqual(['1', '2', '3', '4', '5']);
  expect(rejectedOf(deltas)).toEqual([expect.objectContaining({ stage: 'job', externalId: null })]);
  expect('isAdmin' in {}).toBe(false);
});
