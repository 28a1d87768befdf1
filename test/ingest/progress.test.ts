/** A run that goes on for hours tells what it has come to. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Adapter } from '#adapters/adapter.ts';
import { syncSource } from '#ingest/sync.ts';
import { getAsked } from '#store/request-slot.ts';
import { addJob } from '../adapters/fake-master.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { temporaryWriter } from '../store/temporary.ts';
import { EVERYTHING } from './audit-world.ts';

const world = lavaWorld();

test('what was asked and written shows a minute later at most, and nothing of it is counted twice', async () => {
  const { master, adapter } = world();
  for (let id = 6; id <= 30; id++) addJob(master, id);
  const writer = await temporaryWriter(['lab']);
  const { sql } = writer.store;
  const asked = async () => (await getAsked(writer.store, EVERYTHING, [1], 0)).get(1)?.total.requests ?? 0;
  const told: { requests: number; written: number; asked: number }[] = [];
  const changes: Adapter['changes'] = async function* (...args) {
    for await (const delta of adapter.changes(...args)) {
      yield delta;
      const run = await sql.get<{ requests: number; written: number }>(
        "SELECT requests, jobs_written AS written FROM sync_run WHERE state = 'running'",
      );
      if (run) told.push({ ...run, asked: await asked() });
    }
  };
  let at = Date.now() * 1000;
  const deps = { writer, slug: 'lab', signal: new AbortController().signal, log: pino({ level: 'silent' }) };
  const report = await syncSource(
    {
      ...{ ...deps, adapter: { ...adapter, changes }, onFinished: () => undefined },
      now: () => {
        at += 5_000_000;
        return at;
      },
      refresh: { probe: true, fleet: true },
    },
    'SCHEDULE',
  );
  const middle = told[Math.floor(told.length / 2)];
  expect(middle?.written).toBeGreaterThan(5);
  expect(middle?.asked).toBeGreaterThan(middle?.written ?? 0);
  expect(told.every((one, i) => one.asked <= one.requests + 1 && one.asked >= (told[i - 1]?.asked ?? 0))).toBe(true);
  expect([await asked(), report.requests]).toEqual([master.asked.length, master.asked.length]);
  expect(await sql.get('SELECT trigger FROM sync_run')).toEqual({ trigger: 'BACKFILL' });
});

test('a master that has become slow is told of while a run goes on, and no more once it is well again', async () => {
  const { adapter } = world();
  const writer = await temporaryWriter(['lab']);
  let slowdown: number | null = 4.5;
  const kept = async () =>
    (await writer.store.sql.get<{ slowdown: number | null }>('SELECT slowdown FROM source'))?.slowdown;
  const told: unknown[] = [];
  const changes: Adapter['changes'] = async function* (...args) {
    for await (const delta of adapter.changes(...args)) {
      yield delta;
      told.push(await kept());
    }
    slowdown = null;
  };
  let at = Date.now() * 1000;
  await syncSource(
    {
      ...{ writer, slug: 'lab', signal: new AbortController().signal, log: pino({ level: 'silent' }) },
      adapter: { ...adapter, changes, usage: () => ({ ...adapter.usage(), slowdown }) },
      now: () => {
        at += 61_000_000;
        return at;
      },
      onFinished: () => undefined,
      refresh: { probe: false, fleet: false },
    },
    'SCHEDULE',
  );
  expect(told.length).toBeGreaterThan(0);
  expect(told.every((one) => one === 4.5)).toBe(true);
  expect(await kept()).toBeNull();
});
