/** Running jobs over sockets: a real adapter on a master in memory, a store, and people who look. */
import { createClient } from 'graphql-ws';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { createLiveJobs } from '#api/live-jobs.ts';
import { holdAll } from '#ingest/leases.ts';
import { followLive } from '#ingest/live.ts';
import { syncHeard, syncSource } from '#ingest/sync.ts';
import { watchJob } from '#store/live-job.ts';
import { appendLines } from '#store/live-log.ts';
import { listWatchedJobs } from '#store/write-live.ts';
import { finishJob, openJob, send, startMaster } from '../adapters/fake-master.ts';
import { openLava } from '../adapters/open-lava.ts';
import { soon } from '../soon.ts';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';

const ROOT = { login: 'root', token: 'root-token', teams: [], role: 'admin' as const };
const PACE = { stepMs: 100, longestMs: 500, silenceMs: 5_000, goneMs: 10_000, endedMs: 5_000, aliveMs: 1_000 };
const log = pino({ level: 'silent' });
const now = () => Date.now() * 1000;
const line = (n: number) => `- {"dt": "2026-05-01T00:00:0${n % 10}", "lvl": "target", "msg": "line ${n}"}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n)).join('');

type Progress = {
  state: string;
  following: string;
  reason: string | null;
  asOf: string | null;
  lineCount: number;
  lines: { n: number; level: string; text: string }[];
  isStored: boolean;
};
type Viewer = { events: Progress[]; errors: string[]; isOver(): boolean; lines(): number[]; leave(): void };

const FIELDS = 'state health startTime asOf following reason lineCount lines { n at level text } isStored';

function view(server: Server, variables: { id: string; fromLine?: number; limit?: number }, token?: string): Viewer {
  class WithToken extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, token ? { headers: { authorization: `Bearer ${token}` } } : {});
    }
  }
  const client = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WithToken });
  const events: Progress[] = [];
  const errors: string[] = [];
  let isOver = false;
  const query = `subscription ($id: ID!, $fromLine: Int, $limit: Int) { jobProgress(id: $id, fromLine: $fromLine, limit: $limit) { ${FIELDS} } }`;
  const leave = client.subscribe<{ jobProgress: Progress }>(
    { query, variables },
    {
      next({ data, errors: failed }) {
        if (data) events.push(data.jobProgress);
        if (failed) errors.push(JSON.stringify(failed));
      },
      error(cause) {
        errors.push(JSON.stringify(cause));
        isOver = true;
      },
      complete() {
        isOver = true;
      },
    },
  );
  onTestFinished(async () => {
    leave();
    await client.dispose();
  });
  const numbers = () => events.flatMap((event) => event.lines.map(({ n }) => n));
  return { events, errors, isOver: () => isOver, lines: numbers, leave };
}

/** A lab whose job 6 runs, read once, and followed while somebody looks. */
async function world() {
  const master = await startMaster();
  openJob(master, 6).log = lines(3);
  const { adapter, http } = openLava(master);
  const server = await startServer({ sources: [settings('lab', { url: master.url })], access: [ROOT] });
  const { writer } = server;
  const stop = new AbortController();
  const { signal } = stop;
  const deps = { writer, adapter, slug: 'lab', now, signal, log, onFinished: () => undefined };
  const sync = () => syncSource({ ...deps, refresh: { probe: false, fleet: false } }, 'SCHEDULE');
  await sync();
  const leases = holdAll(writer, ['lab']);
  const ended = new Set<string>();
  const live = followLive(
    { slug: 'lab', adapter, perMinute: 100_000 },
    { held: () => leases.held('lab'), now, log, signal, pace: PACE, onEnded: (id) => ended.add(id) },
  );
  const looking = (async () => {
    while (!signal.aborted) {
      await live.look(await listWatchedJobs(writer, now()));
      if (ended.size > 0) await syncHeard({ ...deps, refresh: { probe: false, fleet: false } }, 'LIVE', [...ended]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  onTestFinished(async () => {
    stop.abort(new Error('over'));
    await looking;
    await live.ended();
    await http.close();
    await master.close();
    expect(master.unexpected).toEqual([]);
  });
  const { job } = await server.data<{ job: { id: string } }>('{ job(source: "lab", externalId: "6") { id } }');
  return { master, server, writer, id: job.id, sync };
}

const allOf = (count: number) => Array.from({ length: count }, (_, n) => n);

test('a running job is told of as it goes: its lines once each, its end, and then no more', async () => {
  const { master, server, id } = await world();
  const viewer = view(server, { id, fromLine: 0 });
  await soon(viewer.lines).toEqual(allOf(3));
  expect(viewer.events[0]).toMatchObject({ state: 'RUNNING', following: 'WAITING', lines: [], isStored: false });
  await soon(() => viewer.events.at(-1)?.following).toBe('FOLLOWED');
  const job = master.jobs.get(6);
  if (job) job.log = `${lines(2_500)}- {"dt": "half`;
  await soon(viewer.lines).toEqual(allOf(2_500));
  expect(Math.max(...viewer.events.map((event) => event.lines.length))).toBeLessThanOrEqual(1_000);
  expect(viewer.events.at(-1)?.lines.at(-1)).toMatchObject({ n: 2_499, level: 'target', text: 'line 2499' });
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  await soon(viewer.isOver).toBe(true);
  expect(viewer.events.at(-1)).toMatchObject({ state: 'FINISHED', following: 'ENDED', isStored: true });
  expect(viewer.errors).toEqual([]);
});

test('twenty who look cost the master what one does', async () => {
  const { master, server, id } = await world();
  const job = master.jobs.get(6);
  let grown = 3;
  master.fault = ({ path }) => {
    if (path.endsWith('/logs/') && job) {
      grown += 1;
      job.log = lines(grown);
    }
    return undefined;
  };
  const cost = async (count: number) => {
    const viewers = allOf(count).map(() => view(server, { id, fromLine: 0 }));
    await Promise.all(viewers.map((viewer) => soon(() => viewer.lines().length).toBeGreaterThan(3)));
    const [at, from] = [master.asked.length, grown];
    await Promise.all(viewers.map((viewer) => soon(() => viewer.lines().length).toBeGreaterThan(from + 10)));
    const asked = master.asked.length - at;
    const rounds = grown - from;
    for (const viewer of viewers) {
      expect(viewer.lines()).toEqual(allOf(viewer.lines().length));
      viewer.leave();
    }
    return asked / rounds;
  };
  expect(await cost(1)).toBeCloseTo(2, 0);
  expect(await cost(20)).toBeCloseTo(2, 0);
});

test('a job that may not be seen is told of as one that is not there, and nobody is asked for it', async () => {
  const { server, writer, master } = await world();
  await addJob(server, 'lab', 70, { state: 'RUNNING', health: 'UNKNOWN', endAt: null, isPublic: false }, []);
  const idOf = (number: number) => Buffer.from(JSON.stringify(['Job', 'lab', 0, String(number)])).toString('base64url');
  const before = master.asked.length;
  const [hidden, missing] = [view(server, { id: idOf(70) }), view(server, { id: idOf(71) })];
  const admin = view(server, { id: idOf(70) }, ROOT.token);
  await soon(() => [hidden.isOver(), missing.isOver()]).toEqual([true, true]);
  expect(hidden.errors).toEqual(missing.errors);
  expect(hidden.errors.join()).toContain('no such job, or it may not be seen');
  expect([hidden.events, missing.events]).toEqual([[], []]);
  await soon(() => admin.events.length).toBeGreaterThan(0);
  admin.leave();
  await soon(() => writer.store.sql.all('SELECT 1 FROM live_job WHERE watched_at IS NOT NULL')).toEqual([]);
  expect(master.asked.slice(before).every(({ query }) => query.get('id__in') !== '71')).toBe(true);
});

test('a job that becomes private meanwhile ends for a visitor and goes on for an admin', async () => {
  const { master, server, id } = await world();
  const visitor = view(server, { id, fromLine: 0 });
  const admin = view(server, { id, fromLine: 0 }, ROOT.token);
  await soon(visitor.lines).toEqual(allOf(3));
  const job = master.jobs.get(6);
  if (job) Object.assign(job, { log: lines(9), row: { ...job.row, viewing_groups: [7] } });
  await soon(admin.lines).toEqual(allOf(9));
  await soon(visitor.isOver).toBe(true);
  expect(visitor.lines()).toEqual(allOf(3));
  expect(admin.isOver()).toBe(false);
});

test('a page has the newest lines so far, and says when nobody was looking', async () => {
  const { master, server, id } = await world();
  const query = `query ($limit: Int) { job(source: "lab", externalId: "6") { progress(limit: $limit) { ${FIELDS} } } }`;
  const read = async () =>
    (await server.data<{ job: { progress: Progress | null } }>(query, { variables: { limit: 2 } })).job.progress;
  const before = master.asked.length;
  expect(await read()).toMatchObject({ following: 'UNWATCHED', state: 'RUNNING', asOf: null, lines: [], lineCount: 0 });
  expect(master.asked.length).toBe(before);
  const viewer = view(server, { id });
  await soon(viewer.lines).toEqual(allOf(3));
  expect(await read()).toMatchObject({
    following: 'FOLLOWED',
    reason: null,
    lineCount: 3,
    lines: [{ n: 1 }, { n: 2 }],
  });
  viewer.leave();
  await soon(async () => (await read())?.following).toBe('UNWATCHED');
  expect((await read())?.lines.length).toBe(2);
  finishJob(master, 6, new Date('2026-05-01T02:00:00Z'));
  const again = view(server, { id });
  await soon(again.isOver).toBe(true);
  expect(await read()).toBeNull();
});

test('of what went wrong a visitor is told without the numbers of other jobs that are looked at', async () => {
  const { master, server, writer, id } = await world();
  const viewer = view(server, { id });
  await addJob(server, 'lab', 77, { state: 'RUNNING', health: 'UNKNOWN', endAt: null, isPublic: false }, []);
  const [hidden] = await writer.store.sql.all<{ id: number }>("SELECT id FROM job WHERE external_id = '77'");
  await watchJob(writer.store, hidden?.id ?? 0, now());
  await soon(() => viewer.events.at(-1)?.following).toBe('FOLLOWED');
  const admin = view(server, { id }, ROOT.token);
  await soon(() => master.asked.some(({ query }) => query.get('id__in') === '6,77')).toBe(true);
  master.fault = (_, response) => send(response, 403, { detail: 'No.' });
  await soon(() => viewer.events.at(-1)?.following).toBe('FAILING');
  await soon(() => admin.events.at(-1)?.reason).toMatch(/id__in=6%2C77/);
  expect(viewer.events.at(-1)?.reason).toMatch(/id__in=…/);
  expect(JSON.stringify(viewer.events)).not.toContain('77');
});

test('a lab that is paused, and one whose jobs are all looked at, are said', async () => {
  const { server, writer, id } = await world();
  const viewer = view(server, { id });
  await soon(() => viewer.events.at(-1)?.following).toBe('FOLLOWED');
  await writer.store.sql.run('UPDATE source SET paused = 1');
  await soon(() => viewer.events.at(-1)).toMatchObject({
    following: 'PAUSED',
    reason: 'Reading of this lab is paused.',
  });
  await writer.store.sql.run('UPDATE source SET paused = 0');
  viewer.leave();
  await soon(() => writer.store.sql.all('SELECT 1 FROM live_job WHERE watched_at IS NOT NULL')).toEqual([]);
  for (let i = 0; i < 20; i++)
    await addJob(server, 'lab', 100 + i, { state: 'RUNNING', health: 'UNKNOWN', endAt: null }, []);
  const others = await writer.store.sql.all<{ id: number }>("SELECT id FROM job WHERE external_id LIKE '1__'");
  for (const other of others) expect(await watchJob(writer.store, other.id, now())).toBe(true);
  const late = view(server, { id });
  await soon(() => late.events.some(({ following }) => following === 'CROWDED')).toBe(true);
});

test('who reads slowly is waited for: no more is made than is taken, and no line is lost or told twice', async () => {
  const { server, writer, id } = await world();
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  onTestFinished(() => socket.terminate());
  const got: number[] = [];
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data));
    if (type === 'connection_ack') {
      const query = `subscription { jobProgress(id: "${id}", fromLine: 0) { lines { n text } lineCount } }`;
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    }
    if (type !== 'next') return;
    for (const { n } of payload.data.jobProgress.lines) got.push(n);
  });
  socket.on('open', () => socket.send('{"type":"connection_init"}'));
  await soon(() => got.length).toBe(3);
  socket.pause();
  const more = Buffer.from(`- {"lvl": "target", "msg": "${'x'.repeat(1_000)}"}\n`.repeat(1_000));
  const [row] = await writer.store.sql.all<{ jobId: number }>('SELECT job_id AS "jobId" FROM live_job');
  await writer.transaction(async () => {
    for (let i = 0; i < 15; i++) await appendLines(writer.store.sql, row?.jobId ?? 0, 3 + i * 1_000, more);
    await writer.store.sql.run('UPDATE live_job SET line_count = 15003, told_at = told_at + 1');
  });
  let seen = -1;
  await soon(
    () => {
      const isStill = seen === server.store.statementCount();
      seen = server.store.statementCount();
      return isStill;
    },
    // Shorter than the look at the store that goes on for all.
    { interval: 300 },
  ).toBe(true);
  expect(got.length).toBe(3);
  socket.resume();
  await soon(() => got.length).toBe(15_003);
  expect(got).toEqual(allOf(15_003));
  // What the sockets of both sides did not take was read only then: several events of some statements each.
  expect(server.store.statementCount() - seen).toBeGreaterThan(20);
});

test('when nobody reads the lab, or the server cannot say that somebody looks, that is said', async () => {
  const server = await startServer({ sources: ['lab'] });
  await addJob(server, 'lab', 1, { state: 'RUNNING', health: 'UNKNOWN', endAt: null }, []);
  const { jobId } = (await server.writer.store.sql.get<{ jobId: number }>('SELECT id AS "jobId" FROM job')) ?? {
    jobId: 0,
  };
  const desk = { openImpatiently: async () => server.writer.store };
  const pace = { tickMs: 20, sayMs: 50, silenceMs: 200 };
  const jobs = createLiveJobs({ store: server.store, desk, now, log, pace });
  onTestFinished(() => jobs.close());
  const look = jobs.look(jobId);
  expect(look.obstacle()).toBe('WAITING');
  const watched = () => server.writer.store.sql.get<{ at: number | null }>('SELECT watched_at AS at FROM live_job');
  await soon(async () => (await watched())?.at ?? 0).toBeGreaterThan(0);
  const first = (await watched())?.at ?? 0;
  await soon(async () => (await watched())?.at ?? 0).toBeGreaterThan(first);
  await soon(look.obstacle).toBe('UNATTENDED');
  await server.writer.store.sql.run('UPDATE live_job SET told_at = 1');
  await soon(look.obstacle).toBeNull();
  look.leave();
  await soon(async () => (await watched())?.at).toBeNull();
  expect(createLiveJobs({ store: server.store, desk: null, now, log, pace }).look(jobId).obstacle()).toBe('UNABLE');
});

test.each([
  ['a line before the first', { fromLine: -1 }, /Line -1/],
  ['more lines than may be', { limit: 5_001 }, /ask for 1 to 5000/],
])('%s is refused in words', async (_, more, words) => {
  const { server, id } = await world();
  const viewer = view(server, { id, ...more });
  await soon(() => viewer.errors.join()).toMatch(words);
});
