import { expect, test } from 'vitest';
import { createMeter } from '#adapters/meter.ts';
import type { Asked } from '#schema/records.ts';
import { addJob, send } from './fake-master.ts';
import { lavaWorld } from './lava-world.ts';

const world = lavaWorld();

test('what could not be written down is told again, with what came since', async () => {
  const meter = createMeter();
  meter.note('LIST', { failed: false, bytes: 10, durationMs: 5 });
  await expect(meter.drain(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  meter.note('LIST', { failed: true, bytes: 0, durationMs: 7 });
  const told: Asked[] = [];
  const save = async (asked: Asked[]) => void told.push(...asked);
  await meter.drain(save);
  await meter.drain(save);
  expect(told).toEqual([{ kind: 'LIST', requests: 2, failed: 1, bytes: 10, durationsMs: [5, 7] }]);
});

test('every request of a master is counted once, by what it is asked for, failed tries among them', async () => {
  const { adapter, master } = world();
  for (let id = 6; id <= 20; id++) addJob(master, id);
  const context = { now: () => Date.now() * 1000, signal: new AbortController().signal };
  const drained = async () => {
    const kinds: Record<string, number> = {};
    await adapter.drain(async (asked) => {
      for (const { kind, requests } of asked) kinds[kind] = requests;
    });
    return kinds;
  };
  const since = (from: number) => master.asked.length - from;
  const total = (kinds: Record<string, number>) => Object.values(kinds).reduce((sum, n) => sum + n, 0);

  let from = master.asked.length;
  await adapter.probe(context);
  const probed = await drained();
  expect(total(probed)).toBe(since(from));
  expect(probed.PROBE).toBeGreaterThan(3);

  from = master.asked.length;
  await adapter.snapshot(context);
  expect(await drained()).toEqual({ FLEET: since(from) });

  from = master.asked.length;
  for await (const _ of adapter.changes(null, context));
  const read = await drained();
  expect(total(read)).toBe(since(from));
  expect(Object.keys(read).sort()).toEqual(expect.arrayContaining(['LIST', 'LOG', 'RESULTS']));
  expect(read).not.toHaveProperty('AUDIT');

  from = master.asked.length;
  let isFirst = true;
  master.fault = ({ path }, response) => {
    if (!path.endsWith('/jobs/') || !isFirst) return false;
    isFirst = false;
    return send(response, 500, 'oops');
  };
  for await (const _ of adapter.inventory(null, context));
  let failed = 0;
  const audited: Record<string, number> = {};
  await adapter.drain(async (asked) => {
    for (const one of asked) {
      audited[one.kind] = one.requests;
      failed += one.failed;
    }
  });
  expect(total(audited)).toBe(since(from));
  expect([audited.AUDIT, failed]).toEqual([2, 1]);
});
