/** A source that tells of its jobs, followed into a store: with a poll that comes but once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { holdAll } from '#ingest/leases.ts';
import { createIngester } from '#ingest/schedule.ts';
import { addJob, finishJob, jobEvent, openJob, startMaster } from '../adapters/fake-master.ts';
import { jobEnd, startPublisher } from '../adapters/fake-publisher.ts';
import { openLava } from '../adapters/open-lava.ts';
import { still } from '../adapters/still.ts';
import { soon } from '../soon.ts';
import { readable } from '../store/readable.ts';
import { temporaryWriter } from '../store/temporary.ts';

const PACE = { gatherMs: 20, betweenMs: 60, longestRestMs: 500, againMs: [40, 60, 80, 100] };
const PAUSES = { firstMs: 20, longestMs: 100, refusedMs: 3_600_000 };
const NEVER = '0 0 29 2 *';

/** `pingMs`: a machine that is busy for longer takes the connection for dead, and what is asked then is not of the test. */
async function world({ events = true, jobs = 5, poll = NEVER, pingMs = 10_000, zmq = '' } = {}) {
  const master = await startMaster();
  for (let id = 1; id <= jobs; id++) addJob(master, id);
  const { adapter, http } = openLava(master, { pingMs, zmq: zmq || null });
  const writer = await temporaryWriter(['lab']);
  const finished: string[] = [];
  const said: { level: number; msg: string; err?: { message: string } }[] = [];
  const ingester = createIngester({
    leases: holdAll(writer, ['lab']),
    sources: [{ slug: 'lab', poll, paused: false, events, adapter }],
    now: () => Date.now() * 1000,
    log: pino({ level: 'debug' }, { write: (line: string) => said.push(JSON.parse(line)) }),
    onFinished: ({ externalId }) => finished.push(externalId),
    pace: PACE,
    pauses: PAUSES,
  });
  onTestFinished(async () => {
    await ingester.stop();
    await http.close();
    await master.close();
    expect(master.unexpected).toEqual([]);
  });
  const { sql } = writer.store;
  const stored = (id: number) =>
    sql.get<{ state: number; via: string; device: string | null }>(
      'SELECT state, via FROM job WHERE external_id = ?',
      String(id),
    );
  const runs = () =>
    sql
      .all<{ trigger: string; state: string }>('SELECT trigger, state FROM sync_run ORDER BY id')
      .then((rows) => rows.filter(({ state }) => state !== 'running').map(({ trigger }) => trigger));
  await ingester.start();
  return { master, ingester, finished, said, store: writer.store, stored, runs, sql, quiet };

  /** Resolves when nothing has been asked for a while, with what was. */
  async function quiet(since = 0): Promise<string[]> {
    await still(master);
    return master.asked.slice(since).map(({ path, query }) => {
      const only = query.get('id__in');
      return `${path.slice('/api/v0.2/'.length)}${only === null ? '' : `?id__in=${only}`}`;
    });
  }
}

const FINISHED = 5;

test('the end of a job that is told is stored without a poll, and says that it came of an event', async () => {
  const { master, stored, runs, quiet } = await world();
  openJob(master, 6);
  await quiet();
  expect(await runs()).toEqual(['BACKFILL', 'EVENT']);
  const before = master.asked.length;
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  master.tell(jobEvent(6, 'Finished'));
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
  expect(await quiet(before)).toEqual(['jobs/?id__in=6', 'jobs/6/suites/', 'jobs/6/tests/', 'jobs/6/logs/']);
  expect(await runs()).toEqual(['BACKFILL', 'EVENT', 'EVENT']);
});

test('a number that was never seen is found in its order', async () => {
  const { master, stored, quiet } = await world();
  await quiet();
  for (let id = 6; id <= 40; id++) addJob(master, id);
  master.tell(jobEvent(40, 'Finished'));
  await soon(async () => (await stored(40))?.state).toBe(FINISHED);
  expect(await stored(6)).toMatchObject({ via: 'EVENT', state: FINISHED });
});

test('L-48: a job that the master still shows as running when it tells of its end is looked at again', async () => {
  const { master, stored, quiet } = await world();
  openJob(master, 6);
  await quiet();
  const before = master.asked.length;
  master.tell(jobEvent(6, 'Finished'));
  const looks = () => master.asked.slice(before).filter(({ query }) => query.get('id__in') === '6').length;
  await soon(looks).toBeGreaterThan(1);
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
});

test('a job that never ends, though it was told, is looked at five times and left to the poll', async () => {
  const { master, quiet } = await world();
  openJob(master, 6);
  await quiet();
  const before = master.asked.length;
  master.tell(jobEvent(6, 'Finished'));
  await soon(() => master.asked.length - before).toBe(5);
  expect(await quiet(before)).toEqual(Array.from({ length: 5 }, () => 'jobs/?id__in=6'));
});

test('a thousand events cost what their jobs cost', async () => {
  const { master, stored, quiet } = await world();
  for (let id = 6; id <= 15; id++) openJob(master, id);
  await quiet();
  for (let id = 6; id <= 15; id++) finishJob(master, id, new Date('2026-05-01T02:00:00Z'));
  const before = master.asked.length;
  for (let i = 0; i < 1_000; i++) master.tell(jobEvent(6 + (i % 10), 'Finished'));
  await soon(async () => (await stored(15))?.state).toBe(FINISHED);
  const asked = await quiet(before);
  expect(asked.filter((path) => path.startsWith('jobs/?id__in')).length).toBeLessThanOrEqual(2);
  expect(asked.filter((path) => /^jobs\/\d/.test(path)).length).toBe(30);
  expect(asked.length).toBeLessThanOrEqual(32);
});

test('L-53: events of jobs that were read, or that we may not see, cost next to nothing', async () => {
  const { master, quiet, runs } = await world({ jobs: 30 });
  await quiet();
  const before = master.asked.length;
  for (let i = 0; i < 1_000; i++) master.tell(jobEvent(1 + (i % 30), 'Finished'));
  expect(await quiet(before)).toEqual([]);
  expect(await runs()).toEqual(['BACKFILL', 'EVENT']);
  for (let i = 0; i < 1_000; i++) master.tell(jobEvent(1_000 + i, 'Finished'));
  expect((await quiet(before)).length).toBeLessThanOrEqual(3);
});

test('L-54: of what a master tells of private jobs nothing is stored', async () => {
  const { master, said, store, sql, quiet } = await world();
  await quiet();
  const before = await readable(store);
  const recorded = readFileSync(join(import.meta.dirname, '../adapters/fixtures/events-2023.01.jsonl'), 'utf8');
  for (const frame of recorded.trim().split('\n')) master.tell(frame);
  master.tell(jobEvent(6, 'Finished', { description: 'hush-hush', submitter: 'mallory', device: 'secret-board-1' }));
  await quiet();
  expect(await readable(store)).toEqual(before);
  const kept = await sql.all('SELECT raw, reason, path FROM dead_letter');
  expect(kept).toEqual([]);
  expect(JSON.stringify(said)).not.toMatch(/hush-hush|mallory|secret-board|kernelci-bot|imx8mp/);
});

test('L-52, T-33: after a connection is lost and found what happened meanwhile is read at once', async () => {
  const { master, stored, runs, said, quiet } = await world();
  openJob(master, 6);
  await quiet();
  master.refuseListeners = true;
  for (const listener of master.listeners) listener.terminate();
  await soon(() => said.filter(({ msg }) => msg.startsWith('events are not heard')).length).toBeGreaterThan(2);
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  master.tell(jobEvent(6, 'Finished'));
  expect((await stored(6))?.state).not.toBe(FINISHED);
  const ran = (await runs()).length;
  master.refuseListeners = false;
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
  await soon(async () => (await runs()).slice(ran)).toEqual(['EVENT']);
  expect(said.filter(({ msg, level }) => msg.startsWith('events are not heard') && level >= 40).length).toBe(1);
});

test('L-52: a connection that is dead without a word is noticed and made anew', async () => {
  const { master, stored, quiet } = await world({ pingMs: 60 });
  openJob(master, 6);
  await quiet();
  for (const listener of master.listeners) listener.pause();
  await soon(() => master.cameToListen.length).toBe(2);
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  master.tell(jobEvent(6, 'Finished'));
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
});

test('a master that refuses is told of once and left alone; jobs are read as ever', async () => {
  const { master, ingester, said, stored, quiet } = await world({ events: true });
  await quiet();
  master.greet = (listener) => {
    listener.send('{"error": "Unknown user"}');
    listener.close();
  };
  for (const listener of master.listeners) listener.close();
  await soon(() => said.filter(({ err }) => err?.message.includes('Unknown user')).length).toBe(1);
  const before = master.cameToListen.length;
  addJob(master, 6);
  ingester.hint('lab', '6');
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
  await quiet();
  expect(master.cameToListen.length).toBe(before);
  expect(said.filter(({ err }) => err?.message.includes('Unknown user')).length).toBe(1);
});

test('a source with events off is not listened to', async () => {
  const { master, quiet } = await world({ events: false });
  await quiet();
  expect(master.cameToListen).toEqual([]);
});

test('a hint by callback is read and told apart; one for a source that is not there does nothing', async () => {
  const { master, ingester, stored, runs, quiet } = await world({ events: false });
  openJob(master, 6);
  await quiet();
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  addJob(master, 7);
  ingester.hint('elsewhere', '6');
  ingester.hint('lab', '7');
  await soon(async () => (await stored(7))?.state).toBe(FINISHED);
  expect(await runs()).toEqual(['BACKFILL', 'CALLBACK']);
  expect(await stored(7)).toMatchObject({ via: 'CALLBACK' });
});

test('a run for single jobs says nothing of how fresh the source is', async () => {
  const { master, ingester, stored, sql, quiet } = await world({ events: false });
  await quiet();
  const freshness = () => sql.get<{ at: number }>("SELECT last_success_at AS at FROM source WHERE slug = 'lab'");
  const before = await freshness();
  addJob(master, 6);
  ingester.hint('lab', '6');
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
  await quiet();
  expect(await freshness()).toEqual(before);
});

test('a master whose jobs end without a word, though it is listened to, is told of once', async () => {
  const { master, said, stored } = await world({ poll: '* * * * * *' });
  const warnings = () => said.filter(({ msg }) => msg.startsWith('jobs end and no event tells of them')).length;
  await soon(() => master.listeners.size).toBe(1);
  await soon(async () => (await stored(5))?.state).toBe(FINISHED);
  for (let id = 6; id <= 14; id++) addJob(master, id);
  await soon(async () => (await stored(14))?.state).toBe(FINISHED);
  expect(warnings()).toBe(0);
  for (let id = 15; id <= 30; id++) addJob(master, id);
  await soon(async () => (await stored(30))?.state).toBe(FINISHED);
  expect(warnings()).toBe(1);
});

test('polls are not starved by hints that never end', async () => {
  const { master, runs } = await world({ poll: '* * * * * *' });
  openJob(master, 6);
  await soon(() => master.listeners.size).toBe(1);
  const telling = setInterval(() => master.tell(jobEvent(6, 'Finished')), 5);
  onTestFinished(() => clearInterval(telling));
  const polls = async () => (await runs()).filter((trigger) => trigger === 'SCHEDULE').length;
  await soon(polls).toBeGreaterThan(3);
  expect((await runs()).filter((trigger) => trigger === 'EVENT').length).toBeGreaterThan(3);
});

test('T-02: an event, a callback and a poll of one job at once are one row, one revision and one word', async () => {
  const { master, ingester, finished, stored, sql, quiet } = await world({ poll: '* * * * * *' });
  openJob(master, 6);
  await soon(async () => (await stored(6))?.state).toBeDefined();
  finished.length = 0;
  const revision = () => sql.get<{ n: number }>("SELECT revision AS n FROM job WHERE external_id = '6'");
  const before = Number((await revision())?.n);
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  for (let i = 0; i < 3; i++) {
    ingester.hint('lab', '6');
    ingester.hint('lab', null);
    master.tell(jobEvent(6, 'Finished'));
  }
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
  addJob(master, 7);
  await soon(() => finished.at(-1)).toBe('7');
  expect(finished).toEqual(['6', '7']);
  expect(Number((await revision())?.n)).toBe(before + 1);
  expect(await sql.all("SELECT id FROM job WHERE external_id = '6'")).toHaveLength(1);
  await ingester.stop();
  await quiet();
});

test('L-49, T-03: what is told late, twice or of another master changes nothing of a job that has finished', async () => {
  const { master, ingester, finished, store, stored, quiet } = await world();
  openJob(master, 6);
  await quiet();
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  master.tell(jobEvent(6, 'Finished'));
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
  await quiet();
  const before = await readable(store);
  const asked = master.asked.length;
  for (const state of ['Running', 'Finished', 'Submitted']) master.tell(jobEvent(6, state));
  ingester.hint('lab', '6');
  ingester.hint('of-another-master', '6');
  expect(await quiet(asked)).toEqual([]);
  expect(await readable(store)).toEqual(before);
  expect(finished.filter((id) => id === '6')).toEqual(['6']);
});

test('L-52, T-33: a connection that breaks at once, again and again, is made ever more seldom', async () => {
  const { master, ingester, stored } = await world();
  await soon(() => master.listeners.size).toBe(1);
  const came: number[] = [];
  master.greet = (listener) => {
    came.push(performance.now());
    listener.close();
  };
  for (const listener of master.listeners) listener.close();
  await soon(() => came.length).toBeGreaterThanOrEqual(8);
  const pauses = came.slice(1).map((at, i) => at - (came[i] ?? 0));
  // Half of the longest pause at least, from the fourth on; the first ones are shorter.
  for (const pause of pauses.slice(4)) expect(pause).toBeGreaterThanOrEqual(PAUSES.longestMs / 2 - 1);
  addJob(master, 6);
  ingester.hint('lab', '6');
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);
});

test('L-54: the end of a job that a ZMQ publisher tells is stored without a poll; after its death it is heard again', async () => {
  const publisher = await startPublisher();
  onTestFinished(() => publisher.close());
  const { master, stored, runs, quiet } = await world({ zmq: publisher.address });
  openJob(master, 6);
  openJob(master, 7);
  await quiet();
  await soon(() => publisher.subscribers.size).toBe(1);
  expect(master.listeners.size).toBe(0);
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  for (let i = 0; i < 5_000; i++) publisher.publish(jobEnd(i % 2 === 0 ? 6 : 5));
  await soon(async () => (await stored(6))?.state).toBe(FINISHED);

  for (const socket of publisher.subscribers) socket.destroy();
  await soon(() => publisher.came).toBe(2);
  await soon(() => publisher.subscribers.size).toBe(1);
  finishJob(master, 7, new Date('2026-05-01T02:00:00Z'));
  publisher.publish(jobEnd(7));
  await soon(async () => (await stored(7))?.state).toBe(FINISHED);
  await quiet();
  expect(new Set(await runs())).toEqual(new Set(['BACKFILL', 'EVENT']));
  expect(master.asked.length).toBeLessThan(100);
});
