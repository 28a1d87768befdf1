/** One bad record at a time on an otherwise good master: it is named, and nothing else is lost. */
import { expect, test } from 'vitest';
import { context, idsOf } from '../contract/adapter.ts';
import { definition, send, TOKEN, testCase } from './fake-master.ts';
import { casesOf, changeOf, lavaWorld, rejectedOf } from './lava-world.ts';

const lava = lavaWorld();

test('T-35: one malformed job among others is kept with its bytes, the others are read', async () => {
  const { walk, rowOf } = lava();
  Object.assign(rowOf(3), { submit_time: 'yesterday', token: 'of-the-job' });
  const deltas = await walk();
  expect(idsOf(deltas)).toEqual(['1', '2', '4', '5']);
  const [rejected, ...more] = rejectedOf(deltas);
  expect(more).toEqual([]);
  expect(rejected).toMatchObject({ stage: 'job', externalId: '3', path: 'api/v0.2/jobs/ results[2].submit_time' });
  expect(rejected?.reason).toContain('"yesterday" is no instant');
  expect(JSON.parse(rejected?.raw ?? '')).toEqual({ ...rowOf(3), token: '[redacted]' });
});

test('a name that no index could take sets the job aside', async () => {
  const { walk, rowOf } = lava();
  rowOf(3).submitter = 'x'.repeat(257);
  const deltas = await walk();
  expect(idsOf(deltas)).toEqual(['1', '2', '4', '5']);
  expect(rejectedOf(deltas)).toEqual([
    expect.objectContaining({ stage: 'job', externalId: '3', reason: expect.stringContaining('longer than 256') }),
  ]);
});

test('an unknown state sets the job aside until it is one we know', async () => {
  const { walk, rowOf } = lava();
  rowOf(3).state = 'Paused';
  const deltas = await walk();
  expect(idsOf(deltas)).toEqual(['1', '2', '4', '5']);
  expect(rejectedOf(deltas)).toEqual([
    expect.objectContaining({
      stage: 'job',
      externalId: '3',
      reason: expect.stringContaining('"Paused" is no state Basalt knows'),
    }),
  ]);
  const second = await walk(deltas.at(-1)?.bookmark);
  expect([idsOf(second), rejectedOf(second)]).toEqual([[], []]);
  rowOf(3).state = 'Finished';
  expect(idsOf(await walk(second.at(-1)?.bookmark ?? deltas.at(-1)?.bookmark, 900))).toEqual(['3']);
});

test('an unknown health and an unknown result are UNKNOWN, and noted', async () => {
  const { walk, rowOf, testsOf } = lava();
  rowOf(3).health = 'Poorly';
  Object.assign(testsOf(4)[0] ?? {}, { result: 'blocked' });
  const deltas = await walk();
  expect(changeOf(deltas, '3')?.job.health).toBe('UNKNOWN');
  expect(casesOf(changeOf(deltas, '4')).map(({ result }) => result)).toEqual(['UNKNOWN', 'PASS', 'PASS']);
  expect(rejectedOf(deltas).map(({ stage, externalId, reason }) => [stage, externalId, reason])).toEqual([
    ['job', '3', expect.stringContaining('"Poorly" is no health Basalt knows')],
    ['case', '4', expect.stringContaining('"blocked" is no result Basalt knows')],
  ]);
});

const bomb = `metadata:\n  a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((c, i) => `  ${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`)}]\n`).join('')}`;

test.each([
  ['does not parse', 'metadata: {a: [1\nvisibility: public'],
  ['is a list', '- visibility: public'],
  ['is empty', ''],
  ['explodes', bomb],
  ['nests too deep', `metadata: ${'['.repeat(50_000)}`],
  ['turns in a circle', 'visibility: public\nmetadata: &a {x: *a}'],
])('L-42, S-05, T-36: a definition that %s costs the job only its metadata, and makes it private', async (_, text) => {
  const { walk, rowOf } = lava();
  rowOf(3).definition = text;
  const deltas = await walk();
  expect(idsOf(deltas)).toEqual(['1', '2', '3', '4', '5']);
  const change = changeOf(deltas, '3');
  expect(change?.job).toMatchObject({ isPublic: false, metadata: {}, definition: text });
  expect(casesOf(change).length).toBe(3);
  expect(rejectedOf(deltas)).toEqual([
    expect.objectContaining({ stage: 'definition', externalId: '3', path: 'definition' }),
  ]);
});

test('L-42, T-38: keys given twice, merged keys and keys named like machinery are only metadata', async () => {
  const { walk, rowOf } = lava();
  rowOf(3).definition =
    'x: &x {m: 1}\nmetadata:\n  a: 1\n  a: 2\n  __proto__: {polluted: yes}\n  constructor: c\n  <<: *x\nvisibility: public\n';
  const { job } = changeOf(await walk(), '3') ?? {};
  expect(Object.entries(job?.metadata ?? {}).sort()).toEqual([
    ['__proto__.polluted', 'yes'],
    ['a', '2'],
    ['constructor', 'c'],
    ['m', '1'],
  ]);
  expect('polluted' in {}).toBe(false);
});

test('L-40, L-41: names of 100 KB, NUL, lone surrogates and control characters pass unharmed', async () => {
  const { master, walk } = lava();
  const names = ['x'.repeat(100_000), 'a\0b', '\ud800 half', '\u2028\u001b[31m', '', '__proto__', '测试 ✓'];
  Object.assign(master.jobs.get(3) ?? {}, { tests: names.map((name, i) => testCase(3000 + i, 30, name)) });
  const deltas = await walk();
  expect(casesOf(changeOf(deltas, '3')).map(({ name }) => name)).toEqual(names);
  expect(rejectedOf(deltas)).toEqual([]);
});

test('L-30, L-31: a case name given twice is two cases', async () => {
  const { master, walk } = lava();
  Object.assign(master.jobs.get(3) ?? {}, {
    tests: [testCase(3000, 30, 'same'), testCase(3001, 30, 'same', { result: 'fail' })],
  });
  expect(casesOf(changeOf(await walk(), '3')).map(({ name, result }) => [name, result])).toEqual([
    ['same', 'PASS'],
    ['same', 'FAIL'],
  ]);
});

test('L-38: a measurement that is no number costs only itself; every number is kept as it is written', async () => {
  const { master, walk } = lava();
  const written = [
    'NaN',
    'None',
    '1,5',
    'Infinity',
    '',
    '0E-10',
    '16.0526000000000017564616427990',
    '-1.5000000000',
    '1e3',
  ];
  Object.assign(master.jobs.get(3) ?? {}, {
    tests: written.map((measurement, i) => testCase(3000 + i, 30, 'm', { measurement, unit: 's' })),
  });
  const deltas = await walk();
  expect(casesOf(changeOf(deltas, '3')).map(({ measurement }) => measurement)).toEqual([
    null,
    null,
    null,
    null,
    null,
    ...written.slice(5),
  ]);
  expect(rejectedOf(deltas).map(({ stage, path }) => [stage, path])).toEqual(
    [0, 1, 2, 3, 4].map((i) => ['case', `tests/${3000 + i}.measurement`]),
  );
  expect(JSON.parse(rejectedOf(deltas)[0]?.raw ?? '')).toMatchObject({ id: 3000, measurement: 'NaN' });
});

test('one malformed case is set aside, the others of the job are kept', async () => {
  const { walk, testsOf } = lava();
  Object.assign(testsOf(3)[1] ?? {}, { name: 7 });
  const deltas = await walk();
  expect(casesOf(changeOf(deltas, '3')).map(({ name }) => name)).toEqual(['case-0', 'case-2']);
  expect(rejectedOf(deltas)).toEqual([
    expect.objectContaining({ stage: 'case', externalId: '3', path: 'api/v0.2/jobs/3/tests/ results[1].name' }),
  ]);
});

test('L-44: a missing log is none; a cut one is kept and noted', async () => {
  const { master, walk } = lava();
  Object.assign(master.jobs.get(2) ?? {}, { log: null });
  master.fault = ({ path }, response) => {
    if (!path.endsWith('/jobs/3/logs/')) return undefined;
    response.writeHead(200, { 'content-type': 'application/yaml', 'content-length': '9999' });
    response.write('- {"dt": "2026', () => response.destroy());
    return true;
  };
  const deltas = await walk();
  expect(idsOf(deltas)).toEqual(['1', '2', '3', '4', '5']);
  expect(changeOf(deltas, '2')).toMatchObject({ results: { log: null }, settled: true });
  expect(Buffer.concat([...(changeOf(deltas, '3')?.results?.log?.bytes ?? [])]).toString()).toBe('- {"dt": "2026');
  expect(changeOf(deltas, '3')).toMatchObject({ results: { log: { truncated: true } }, settled: false });
  expect(rejectedOf(deltas)).toEqual([
    expect.objectContaining({
      stage: 'log',
      externalId: '3',
      reason: expect.stringContaining('breaks off after 14 bytes'),
    }),
  ]);
});

test('a log that cannot be read is tried again, and given up after a day', async () => {
  const { master, walk } = lava();
  master.fault = ({ path }, response) => path.endsWith('/jobs/3/logs/') && send(response, 500, '');
  const first = await walk();
  expect(changeOf(first, '3')).toMatchObject({ results: { log: null }, settled: false });
  expect(casesOf(changeOf(first, '3')).length).toBe(3);
  const hourLater = await walk(first.at(-1)?.bookmark, 3_600);
  expect(idsOf(hourLater)).toEqual([]);
  expect(rejectedOf(hourLater)).toEqual([expect.objectContaining({ stage: 'log', externalId: '3' })]);
  const daysLater = await walk(hourLater.at(-1)?.bookmark, 200_000);
  expect(changeOf(daysLater, '3')).toMatchObject({ results: { log: null }, settled: true });
});

test('a malformed board, worker or type is set aside, the others are kept', async () => {
  const { master, adapter } = lava();
  master.lists.devices.push({ hostname: 'odd', device_type: null });
  master.lists.workers.push({ hostname: '' });
  master.lists.devicetypes.push({ name: 5 });
  const { devices, workers, deviceTypes, rejected } = await adapter.snapshot(context());
  expect([devices.length, workers.length, deviceTypes.length]).toEqual([2, 1, 2]);
  expect(rejected.map(({ stage, externalId }) => [stage, externalId])).toEqual([
    ['worker', ''],
    ['deviceType', null],
    ['device', 'odd'],
  ]);
  expect(devices[0]).toMatchObject({ tags: ['usb'], isPublic: true });
  expect(deviceTypes.find(({ name }) => name === 'qemu')?.aliases).toEqual(['x86']);
});

test('L-27, L-43: no secret of the master is in anything that is kept', async () => {
  const { walk, rowOf } = lava();
  Object.assign(rowOf(3), {
    state: 'Paused',
    token: 'job-secret',
    definition: `${definition()}secrets:\n  API_TOKEN: deep-secret\n`,
  });
  const kept = JSON.stringify(rejectedOf(await walk()));
  for (const secret of ['job-secret', 'deep-secret', TOKEN]) expect(kept).not.toContain(secret);
});
