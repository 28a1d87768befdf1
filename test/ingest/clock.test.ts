/** The clock of the machine is put forward and back. */
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { auditSlice } from '#ingest/audit.ts';
import { followSource } from '#ingest/follow.ts';
import { keepRetention } from '#ingest/retention.ts';
import { readState, saveState } from '#store/state.ts';
import { addJob } from '../adapters/fake-master.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { soon } from '../soon.ts';
import { temporaryWriter } from '../store/temporary.ts';

const DAY = 86_400_000_000;
const YEAR = 365 * DAY;
const START = Date.UTC(2028, 1, 28, 23, 59) * 1000;
const log = pino({ level: 'silent' });
const lava = lavaWorld();

async function followed() {
  const { adapter, master } = lava();
  const writer = await temporaryWriter(['lab']);
  const stop = new AbortController();
  const clock = { at: START };
  const source = followSource(
    { slug: 'lab', adapter, events: false },
    {
      held: () => ({ writer, signal: stop.signal }),
      ...{ now: () => clock.at, log, signal: stop.signal, onFinished: () => undefined },
      pace: { gatherMs: 1, betweenMs: 1, longestRestMs: 1, againMs: [] },
    },
  );
  onTestFinished(async () => {
    stop.abort();
    await source.ended();
  });
  const asked = (path: string) => master.asked.filter((one) => one.path.endsWith(path)).length;
  const jobs = async () => (await writer.store.sql.get<{ n: number }>('SELECT count(*) AS n FROM job'))?.n;
  const poll = async () => {
    source.poll();
    await soon(source.isBusy).toBe(false);
  };
  return { master, adapter, writer, clock, asked, jobs, poll, signal: stop.signal };
}

test('T-54: a clock that jumps by a day or a year, over a leap day too, keeps nothing from being read', async () => {
  const { master, clock, asked, jobs, poll } = await followed();
  await poll();
  let [id, fleet, probes] = [5, asked('/workers/'), asked('/version/')];
  expect([await jobs(), fleet, probes]).toEqual([5, 1, 1]);
  for (const jump of [DAY, -DAY, 2 * DAY, -2 * DAY, YEAR, -YEAR]) {
    clock.at += jump;
    id += 1;
    addJob(master, id);
    await poll();
    expect(await jobs(), `after ${jump / DAY} days`).toBe(id);
    expect([asked('/workers/'), asked('/version/')]).toEqual([++fleet, ++probes]);
  }
  await poll();
  expect([asked('/workers/'), asked('/version/')]).toEqual([fleet, probes]);
});

test('T-54: an audit and retention that were done by a clock a year ahead are done again', async () => {
  const { adapter, writer, clock, poll, signal } = await followed();
  clock.at = START + YEAR;
  await poll();
  const deps = { writer, adapter, slug: 'lab', now: () => clock.at, log, signal, onFinished: () => undefined };
  const pace = { everyMs: 24 * 3_600_000, isWanted: () => false };
  const auditedAt = async () => {
    for (let i = 0; i < 10; i++) await auditSlice(deps, pace);
    return (await writer.store.sql.get<{ at: number }>('SELECT checked_at AS at FROM audit'))?.at;
  };
  expect(await auditedAt()).toBe(START + YEAR);
  clock.at = START;
  expect(await auditedAt()).toBe(START);

  await writer.transaction(() => saveState(writer.store.sql, 'retention', { at: START + YEAR }));
  const stop = new AbortController();
  const kept = keepRetention({ writer, now: () => clock.at, log, signal: stop.signal }, 5);
  await soon(async () => await readState(writer.store.sql, 'retention')).toEqual({ at: START });
  stop.abort();
  await kept;
});
