/** Jobs that wait, as masters of 2023.06 and later count them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQueue } from '#adapters/lava/queue.ts';
import { context } from '../contract/adapter.ts';
import { send } from './fake-master.ts';
import { lavaWorld } from './lava-world.ts';
import { openLava } from './open-lava.ts';

/** As 2026.07 answers, two of its six device types. */
const RECORDED = `# TYPE devices_online counter
devices_online 11
# TYPE devices_health_check_complete counter
devices_health_check_complete 7
# TYPE device_type counter
device_type{name="qemu",state="idle"} 0
device_type{name="qemu",state="busy"} 1
device_type{name="qemu",state="offline"} 0
device_type{name="qemu",state="maintenance"} 0
device_type{name="qemu",state="queue"} 3
device_type{name="juno-r2",state="idle"} 2
device_type{name="juno-r2",state="queue"} 0
# TYPE workers_not_retired counter
workers_not_retired 4
`;

const lava = lavaWorld();
const asIs = (text: string) => text;
const parse = (text: string) => parseQueue(text, asIs);

test('L-25: the answer of 2026.07 is understood', () => {
  expect(parse(RECORDED)).toEqual({
    waiting: new Map([
      ['qemu', 3],
      ['juno-r2', 0],
    ]),
    rejected: [],
  });
});

test('any name comes back with its count, whatever else stands on the line', () => {
  const name = fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' });
  const escaped = (text: string) => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
  const line = fc.record({
    name,
    n: fc.nat(999_999),
    isTurned: fc.boolean(),
    tail: fc.constantFrom('', '.0', ' 1790000000000'),
  });
  fc.assert(
    fc.property(fc.uniqueArray(line, { selector: (one) => one.name }), (lines) => {
      const text = lines.map(({ name, n, isTurned, tail }) => {
        const labels = [`name="${escaped(name)}"`, 'state="queue"'];
        return `device_type{${(isTurned ? labels.reverse() : labels).join(isTurned ? ' , ' : ',')}}  ${n}${tail}`;
      });
      const { waiting, rejected } = parse(`# TYPE device_type counter\n${text.join('\n')}\n`);
      expect([...(waiting ?? [])]).toEqual(lines.map(({ name, n }) => [name, n]));
      expect(rejected).toEqual([]);
    }),
  );
});

test('a line that is not understood is set aside, and the others go on', () => {
  const bad = ['device_type{name="a",state="queue"} NaN', 'device_type{name="b",state="queue"} -1', 'device_type 4'];
  const { waiting, rejected } = parse(`${RECORDED}${bad.join('\n')}\ndevice_type{${'}'.repeat(100_000)}\n`);
  expect(waiting?.get('qemu')).toBe(3);
  expect(rejected).toMatchObject([{ stage: 'deviceType', path: 'v1/prometheus/', raw: bad[0] }]);
  expect(rejected[0]?.reason).toMatch(/^4 of the lines/);
});

test('a master that counts is asked once with its boards, by login and password', async () => {
  const { adapter, master } = lava();
  master.metrics = RECORDED;
  const { capabilities } = await adapter.probe(context());
  expect(capabilities).toContain('queue-depth');
  master.asked.length = 0;
  const { queue, rejected } = await adapter.snapshot(context());
  expect([queue?.get('qemu'), queue?.get('board'), rejected]).toEqual([3, undefined, []]);
  const asked = master.asked.filter(({ path }) => path === '/v1/prometheus/');
  expect(asked.map(({ authorization }) => authorization?.split(' ')[0])).toEqual(['Basic']);
});

test('a visitor asks as one', async () => {
  const { master } = lava();
  master.metrics = RECORDED;
  const { adapter, http } = openLava(master, { token: null });
  await adapter.probe(context());
  expect((await adapter.snapshot(context())).queue?.get('qemu')).toBe(3);
  expect(master.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
  await http.close();
});

test('a master without it is asked for it by the probe alone, and how many jobs wait is unknown', async () => {
  const { adapter, master } = lava();
  expect((await adapter.probe(context())).capabilities).not.toContain('queue-depth');
  expect(await adapter.snapshot(context())).toMatchObject({ queue: null, rejected: [] });
  expect(master.asked.filter(({ path }) => path === '/v1/prometheus/')).toHaveLength(1);
});

test.each([
  ['a page for people', 200, '<!doctype html><h1>Welcome</h1>', 'text/html'],
  ['a refusal', 403, 'no', 'text/plain'],
  ['a login', 302, '', 'text/plain'],
])('%s in its place does not hinder the probe', async (_, status, body, type) => {
  const { adapter, master } = lava();
  const headers: Record<string, string> = {
    'content-type': type,
    ...(status === 302 && { location: '/accounts/login/' }),
  };
  master.fault = ({ path }, response) =>
    path === '/v1/prometheus/' ? send(response, status, body, headers) : undefined;
  const { capabilities } = await adapter.probe(context());
  expect([capabilities.includes('rest-v0.2'), capabilities.includes('queue-depth')]).toEqual([true, false]);
});

test('what goes wrong later makes the queue unknown, is said, and costs nothing else', async () => {
  const { adapter, master } = lava();
  master.metrics = RECORDED;
  await adapter.probe(context());
  const told = async () => {
    const { queue, devices, deviceTypes, rejected } = await adapter.snapshot(context());
    expect([queue, devices.length, deviceTypes.length]).toEqual([null, 2, 2]);
    return rejected;
  };
  master.metrics = 'go_goroutines 12\n';
  expect(await told()).toMatchObject([
    { raw: 'go_goroutines 12\n', reason: expect.stringContaining('no device type') },
  ]);
  master.metrics = '<!doctype html>maintenance';
  expect(await told()).toMatchObject([{ reason: expect.stringContaining('HTML page') }]);
  master.metrics = null;
  expect(await told()).toEqual([]);
  master.fault = ({ path }, response) => (path === '/v1/prometheus/' ? send(response, 500, 'no') : undefined);
  expect(await told()).toEqual([]);
});
