/** Jobs that somebody looks at, followed on a master in memory into a store. */
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { holdAll } from '#ingest/leases.ts';
import { followLive, type LivePace } from '#ingest/live.ts';
import { createIngester } from '#ingest/schedule.ts';
import { syncSource } from '#ingest/sync.ts';
import type { QuietHours } from '#schema/source-settings.ts';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { getJob } from '#store/job.ts';
import { getLiveJob, leaveJob, MOST_WATCHED, watchJob } from '#store/live-job.ts';
import { removeJob } from '#store/remove-job.ts';
import { listWatchedJobs } from '#store/write-live.ts';
import { addJob, finishJob, openJob, send, startMaster } from '../adapters/fake-master.ts';
import { openLava } from '../adapters/open-lava.ts';
import { still } from '../adapters/still.ts';
import { soon } from '../soon.ts';
import { temporaryWriter } from '../store/temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };
const PACE: LivePace = { stepMs: 20, longestMs: 100, silenceMs: 60, goneMs: 300, endedMs: 2_000, aliveMs: 200 };
const NEVER = '0 0 29 2 *';
const log = pino({ level: 'silent' });
const now = () => Date.now() * 1000;
const line = (n: number) => `- {"dt": "2026-05-01T00:00:00", "lvl": "target", "msg": "line ${n}"}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n)).join('');

type Options = {
  perMinute?: number;
  quietHours?: QuietHours;
  pace?: Partial<LivePace>;
  running?: number;
};

/** One lab whose job 6 runs, read whole once. */
async function world({ perMinute = 100_000, quietHours, pace, running = 1 }: Options = {}) {
  const master = await startMaster();
  for (let id = 1; id <= 5; id++) addJob(master, id);
  for (let id = 6; id < 6 + running; id++) openJob(master, id).log = lines(3);
  const { adapter, http } = openLava(master);
  const following = openLava(master, { budget: { concurrent: 2, perMinute } });
  const writer = await temporaryWriter(['lab']);
  const { store } = writer;
  const leases = holdAll(writer, ['lab']);
  const signal = new AbortController().signal;
  await syncSource(
    {
      writer,
      adapter,
      slug: 'lab',
      now,
      signal,
      log,
      onFinished: () => undefined,
      refresh: { probe: true, fleet: true },
    },
    'SCHEDULE',
  );
  const ingester = createIngester({
    ...{ leases, now, log, onFinished: () => undefined },
    sources: [{ slug: 'lab', poll: NEVER, paused: false, events: false, adapter }],
    pace: { gatherMs: 20, betweenMs: 60, longestRestMs: 500, againMs: [40, 60, 80, 100] },
  });
  await ingester.start();
  await soon(async () => (await store.sql.all("SELECT 1 FROM sync_run WHERE state <> 'running'")).length).toBe(2);

  /** An ingester that looks at the store, until it is killed. */
  const follow = () => {
    const stop = new AbortController();
    const live = followLive(
      { slug: 'lab', adapter: following.adapter, perMinute, quietHours: quietHours ?? null },
      {
        ...{ held: () => leases.held('lab'), now, log, signal: stop.signal, pace: { ...PACE, ...pace } },
        onEnded: (id) => ingester.hint('lab', id, 'LIVE'),
      },
    );
    const looking = (async () => {
      while (!stop.signal.aborted) {
        await live.look(await listWatchedJobs(writer, now()));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    return async () => {
      stop.abort(new Error('killed'));
      await looking;
      await live.ended();
    };
  };
  const kill = follow();
  onTestFinished(async () => {
    await kill();
    await ingester.stop();
    await http.close();
    await following.http.close();
    await master.close();
    expect(master.unexpected).toEqual([]);
  });

  const jobId = async (id = 6) => (await getJob(store, ADMIN, 'lab', String(id)))?.id ?? 0;
  /** Somebody who looks, and says so again and again until they leave. */
  const look = async (id = 6) => {
    const job = await jobId(id);
    const say = () => store.transaction(() => watchJob(store, job, now()));
    await say();
    const timer = setInterval(() => void say(), 50);
    onTestFinished(() => clearInterval(timer));
    return {
      die: () => clearInterval(timer),
      async leave() {
        clearInterval(timer);
        await store.transaction(() => leaveJob(store, job));
      },
    };
  };
  const told = async (id = 6, viewer: Viewer = ADMIN) =>
    getLiveJob(store, viewer, await jobId(id), { from: 0, limit: 1_000 });
  const status = async (id = 6) => (await told(id))?.live?.status ?? null;
  const count = async (id = 6) => (await told(id))?.live?.lineCount ?? 0;
  return { master, writer, store, follow, kill, look, told, status, count, jobId };
}

test('a master is asked nothing of a running job that nobody looks at', async () => {
  const { master } = await world();
  const before = await still(master);
  expect(await still(master)).toBe(before);
});

test('state and lines come while somebody looks, and stay for who comes later', async () => {
  const { master, look, told, count } = await world();
  const one = await look();
  await soon(() => count()).toBe(3);
  const job = master.jobs.get(6);
  if (job) job.log = `${lines(7)}- {"dt": "half`;
  await soon(() => count()).toBe(7);
  const found = await told();
  expect(found?.live).toMatchObject({ state: 'RUNNING', health: 'UNKNOWN', status: 'FOLLOWED', reason: null });
  expect(found?.lines.map(({ raw }) => `${raw}\n`).join('')).toBe(lines(7));
  await one.leave();
  await still(master);
  expect(await count()).toBe(7);
});

test('when the last one leaves, or dies without a word, nothing more is asked', async () => {
  const { master, look, count, store } = await world();
  for (const end of ['leave', 'die'] as const) {
    const one = await look();
    await soon(() => count()).toBe(3);
    await one[end]();
    const before = await still(master);
    expect(await still(master)).toBe(before);
    expect(await store.sql.all('SELECT job_id FROM live_job WHERE watched_at IS NOT NULL')).toEqual([]);
  }
});

test('L-64: a job that ends while it is looked at is stored by a sync of its own, and nothing is left of the lines', async () => {
  const { master, look, store, status, count } = await world();
  await look();
  await soon(() => count()).toBe(3);
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  await soon(async () => (await getJob(store, ANONYMOUS, 'lab', '6'))?.state).toBe('FINISHED');
  await soon(() => store.sql.all('SELECT job_id FROM live_job')).toEqual([]);
  expect(await store.sql.all('SELECT job_id FROM live_piece')).toEqual([]);
  expect((await getJob(store, ANONYMOUS, 'lab', '6'))?.logId).not.toBeNull();
  const runs = await store.sql.all<{ trigger: string }>('SELECT trigger FROM sync_run ORDER BY id');
  expect(runs.map(({ trigger }) => trigger)).toEqual(['BACKFILL', 'SCHEDULE', 'LIVE']);
  expect(await status()).toBeNull();
});

test('after a crash who reads next goes on from the last line, and a dead viewer is forgotten', async () => {
  const { master, look, count, kill, follow, store } = await world();
  const one = await look();
  await soon(() => count()).toBe(3);
  one.die();
  await kill();
  const job = master.jobs.get(6);
  if (job) job.log = lines(5);
  const before = master.asked.length;
  const end = follow();
  await soon(() => count()).toBe(5);
  expect(
    master.asked
      .slice(before)
      .find(({ path }) => path.endsWith('/logs/'))
      ?.query.get('start'),
  ).toBe('2');
  await soon(() => store.sql.all('SELECT job_id FROM live_job WHERE watched_at IS NOT NULL')).toEqual([]);
  const after = await still(master);
  expect(await still(master)).toBe(after);
  await end();
});

test('a master that refuses is told of in its words, asked ever more seldom, and followed again once it is well', async () => {
  const { master, look, status, told, count } = await world({ pace: { longestMs: 5_000 } });
  await look();
  await soon(() => count()).toBe(3);
  master.fault = (_, response) => send(response, 403, { detail: 'Invalid token.' });
  await soon(() => status()).toBe('FAILING');
  expect((await told())?.live?.reason).toMatch(/token/);
  const at = master.asked.length;
  await soon(() => master.asked.length - at).toBeGreaterThan(3);
  const times = master.asked.slice(at).map((asked) => asked.at);
  const gap = (i: number) => (times[i + 1] ?? 0) - (times[i] ?? 0);
  expect(gap(2)).toBeGreaterThan(gap(0));
  const job = master.jobs.get(6);
  if (job) job.log = lines(4);
  master.fault = null;
  await soon(() => count()).toBe(4);
  expect(await status()).toBe('FOLLOWED');
});

test('L-64: a log that is refused is told of, and the state of its job and other logs go on', async () => {
  const { master, look, status, count } = await world({ running: 2 });
  master.fault = ({ path }, response) => path.endsWith('jobs/6/logs/') && send(response, 403, {});
  await look(6);
  await look(7);
  await soon(() => count(7)).toBe(3);
  await soon(() => status()).toBe('FAILING');
  expect(await status(7)).toBe('FOLLOWED');
});

test('quiet hours, a used up budget and a slow master are each said', async () => {
  const all: QuietHours = {
    from: '00:00',
    to: '23:59',
    timeZone: 'UTC',
    days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  };
  const quiet = await world({ quietHours: all });
  await quiet.look();
  const before = quiet.master.asked.length;
  await soon(() => quiet.status()).toBe('QUIET_HOURS');
  expect(quiet.master.asked.length).toBe(before);

  const slow = await world();
  await slow.look();
  await soon(() => slow.count()).toBe(3);
  slow.master.delayMs = 700;
  await soon(() => slow.status()).toBe('SLOW');
  slow.master.delayMs = 0;

  const spent = await world({ perMinute: 4 });
  await spent.look();
  await soon(() => spent.status()).toBe('BUDGET');
});

test('what looking costs is at most a quarter of the budget', async () => {
  const { master, look, count } = await world({ perMinute: 2_400, pace: { stepMs: 1 } });
  await look();
  await soon(() => count()).toBe(3);
  const at = master.asked.length;
  await soon(() => master.asked.length - at).toBeGreaterThan(9);
  const asked = master.asked.slice(at, at + 10);
  const tookMs = (asked.at(-1)?.at ?? 0) - (asked[0]?.at ?? 0);
  // Of ten requests, two a round, four pauses are whole.
  expect(tookMs).toBeGreaterThan(4 * 190);
});

test('a job that becomes private is hidden here by the look that finds it so', async () => {
  const { master, look, told, count } = await world();
  await look();
  await soon(() => count()).toBe(3);
  expect(await told(6, ANONYMOUS)).not.toBeNull();
  const job = master.jobs.get(6);
  if (job) Object.assign(job, { log: lines(9), row: { ...job.row, viewing_groups: [7] } });
  await soon(() => count()).toBe(9);
  expect(await told(6, ANONYMOUS)).toBeNull();
});

test('a job that is shown no more, or whose number is another job now, is told of as gone', async () => {
  const { master, look, status, count } = await world({ running: 2 });
  await look(6);
  await look(7);
  await soon(() => count(7)).toBe(3);
  master.concealed.add(6);
  const other = master.jobs.get(7);
  if (other) Object.assign(other, { log: lines(9), row: { ...other.row, submit_time: '2026-06-01T00:00:00.000001Z' } });
  await soon(() => status()).toBe('GONE');
  await soon(() => status(7)).toBe('GONE');
  expect(await count(7)).toBe(3);
});

test('a source that cannot be followed says so and is asked nothing', async () => {
  const { writer, store, look, status, kill } = await world();
  await kill();
  await look();
  const stop = new AbortController();
  const live = followLive(
    {
      slug: 'lab',
      perMinute: 100,
      adapter: {
        tail: () => null,
        usage: () => ({ requests: 0, bytes: 0, usedLastMinute: 0, isUsedUp: false, p95Ms: null, slowdown: null }),
      },
    },
    {
      held: () => holdAll(writer, ['lab']).held('lab'),
      now,
      log,
      signal: stop.signal,
      onEnded: () => undefined,
      pace: PACE,
    },
  );
  await live.look(await listWatchedJobs(writer, now()));
  await soon(() => status()).toBe('UNABLE');
  stop.abort(new Error('over'));
  await live.ended();
  expect(await store.sql.all('SELECT 1 FROM live_piece')).toEqual([]);
});

test('no more jobs of a source are looked at than may be; one that dies makes room', async () => {
  const { store, jobId, kill } = await world({ running: MOST_WATCHED + 1 });
  await kill();
  const at = now();
  for (let i = 0; i < MOST_WATCHED; i++) expect(await watchJob(store, await jobId(6 + i), at)).toBe(true);
  const last = await jobId(6 + MOST_WATCHED);
  expect(await watchJob(store, last, at)).toBe(false);
  expect(await watchJob(store, await jobId(6), at + 1)).toBe(true);
  expect(await watchJob(store, last, at + 61_000_000)).toBe(true);
  expect(await watchJob(store, await jobId(1), at)).toBe(false);
});

test('what is told of a job goes with the job, and after a day without anybody', async () => {
  const { writer, store, look, count, jobId, kill } = await world({ running: 2 });
  const one = await look(6);
  const two = await look(7);
  await soon(() => count(7)).toBe(3);
  await one.leave();
  await two.leave();
  await kill();
  const gone = await jobId(6);
  await writer.transaction(() => removeJob(writer, gone));
  expect(await store.sql.all('SELECT 1 FROM live_piece WHERE job_id = ?', gone)).toEqual([]);
  expect((await store.sql.all('SELECT 1 FROM live_piece')).length).toBe(1);
  await listWatchedJobs(writer, now() + 23 * 3_600_000_000);
  expect((await store.sql.all('SELECT 1 FROM live_piece')).length).toBe(1);
  await listWatchedJobs(writer, now() + 25 * 3_600_000_000);
  expect(await store.sql.all('SELECT 1 FROM live_piece')).toEqual([]);
  expect(await store.sql.all('SELECT 1 FROM live_job')).toEqual([]);
});
