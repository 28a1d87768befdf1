/** Sources that come, change and go while an ingester runs. */
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { auditSteadily } from '#ingest/keep-auditing.ts';
import { createLeases } from '#ingest/leases.ts';
import { followLive } from '#ingest/live.ts';
import { createRoster, readWanted } from '#ingest/roster.ts';
import { createIngester } from '#ingest/schedule.ts';
import type { Configured } from '#ingest/sources.ts';
import type { Viewer } from '#schema/viewer.ts';
import {
  type AddedSource,
  addSource,
  removeSource,
  sealedPlace,
  setPaused,
  updateSource,
} from '#store/added-source.ts';
import { listAllRequests, requestOf } from '#store/source-request.ts';
import { createVault } from '#store/vault.ts';
import type { Writer } from '#store/writer.ts';
import { addJob, type FakeMaster, startMaster, TOKEN } from '../adapters/fake-master.ts';
import { soon } from '../soon.ts';
import { temporaryWriter } from '../store/temporary.ts';

const ROOT: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };
const now = () => Date.now() * 1000;
const vaultOf = (byte: number) => createVault({ key: Buffer.alloc(32, byte).toString('base64'), file: null });

async function lab(jobs = 3): Promise<FakeMaster> {
  const master = await startMaster();
  for (let id = 1; id <= jobs; id++) addJob(master, id);
  onTestFinished(async () => {
    await master.close();
    expect(master.unexpected).toEqual([]);
  });
  return master;
}

async function world({ writer, configured = [] }: { writer?: Writer; configured?: Configured[] } = {}) {
  const mine = writer ?? (await temporaryWriter([]));
  const stopping = new AbortController();
  const { signal } = stopping;
  const slugs: string[] = [];
  const log = pino({ level: 'silent' });
  const upkeep = { writer: mine, now, log, signal, onFinished: () => undefined };
  const leases = createLeases({ writer: mine, slugs, log, heartbeatMs: 50, isBusy: (slug) => ingester.isBusy(slug) });
  const ingester = createIngester({ ...upkeep, leases, sources: [] });
  const roster = createRoster({
    ...upkeep,
    configured,
    vault: vaultOf(1),
    version: 'test',
    leases,
    slugs,
    ingester,
    audit: ({ source }, ends) =>
      auditSteadily({ ...upkeep, leases, isBusy: ingester.isBusy, signal: ends }, source, { lookMs: 20 }),
    live: ({ source }, ends) =>
      followLive(source, {
        ...{ now, log, signal: ends, held: () => leases.held(source.slug) },
        onEnded: (id) => ingester.hint(source.slug, id, 'LIVE'),
      }),
  });
  await roster.look();
  await ingester.start();
  const kept = roster.keep(50);
  onTestFinished(async () => {
    stopping.abort();
    await kept;
    await ingester.stop();
    await leases.stop();
    await roster.close();
  });
  const { store } = mine;
  const jobs = async (slug: string) =>
    Number(
      (
        await store.sql.get<{ n: number }>(
          'SELECT count(*) AS n FROM job j JOIN source s ON s.id = j.source_id WHERE s.slug = ?',
          slug,
        )
      )?.n,
    );
  const row = (slug: string) =>
    store.sql.get<{ configured: number; added: number; paused: number; name: string; error: string | null }>(
      'SELECT configured, added, paused, name, last_error AS error FROM source WHERE slug = ?',
      slug,
    );
  return { writer: mine, store, jobs, row, slugs };
}

function added(slug: string, { url }: Pick<FakeMaster, 'url'>, token: string | null = null, key = 1): AddedSource {
  const place = { slug, url };
  return {
    ...{ ...place, name: slug, visibility: 'INTERNAL' as const, teams: [], maxConcurrent: 2, maxPerMinute: 6000 },
    token: token === null ? null : vaultOf(key).seal(token, sealedPlace(place)),
    ...{ caPem: null, callbackToken: null, retention: null, quietHours: null, megabytesPerHour: null },
    history: 'newest',
  };
}

const tokens = ({ asked }: FakeMaster) => [...new Set(asked.map(({ authorization }) => authorization ?? 'none'))];

test('a source that is added is read, one that is changed is read by what it is now, one that is removed is left alone', async () => {
  const master = await lab();
  const { store, jobs, row, slugs } = await world();
  await addSource(store, ROOT, added('lab', master), now());
  await soon(() => jobs('lab')).toBe(3);
  expect(tokens(master)).toEqual(['none']);

  master.asked.length = 0;
  await updateSource(store, ROOT, { ...added('lab', master, TOKEN), name: 'New' }, 1);
  await soon(() => tokens(master)).toContain(`Token ${TOKEN}`);
  expect(await row('lab')).toMatchObject({ configured: 1, added: 1, name: 'New' });

  await removeSource(store, ROOT, 'lab', 1);
  await soon(() => slugs).toEqual([]);
  expect(await row('lab')).toMatchObject({ configured: 0 });
  expect(await jobs('lab')).toBe(3);
});

test('a paused source is asked nothing until it is resumed', async () => {
  const master = await lab();
  const { store, jobs, slugs } = await world();
  await addSource(store, ROOT, added('lab', master), now());
  await soon(() => jobs('lab')).toBe(3);
  await setPaused(store, ROOT, 'lab', true, now());
  await soon(() => slugs).toEqual([]);
  const asked = master.asked.length;
  addJob(master, 4);
  await setPaused(store, ROOT, 'lab', false, now());
  await soon(() => jobs('lab')).toBe(4);
  expect(master.asked.length).toBeGreaterThan(asked);
});

test('a source of the configuration wins over one that was added by its name', async () => {
  const [ours, theirs] = [await lab(), await lab(5)];
  const writer = await temporaryWriter([]);
  await addSource(writer.store, ROOT, added('lab', theirs), now());
  const configured: Configured = {
    ...{
      slug: 'lab',
      kind: 'lava',
      url: ours.url,
      token: null,
      caPem: null,
      labels: {},
      teams: [],
      retention: {},
      historySince: null,
    },
    ...{ visibility: 'public', budget: { concurrent: 2, perMinute: 6000 }, events: 'off', poll: '* * * * *' },
    ...{ paused: false, auditHours: 24, settleSeconds: 0, history: 'newest' },
  };
  const { jobs, row } = await world({ writer, configured: [configured] });
  await soon(() => jobs('lab')).toBe(3);
  expect(await row('lab')).toMatchObject({ configured: 1, added: 0 });
  expect(theirs.asked).toEqual([]);
});

test('a token that another key sealed is said with what to do, and delays nobody', async () => {
  const [master, other] = [await lab(), await lab()];
  const { store, jobs, row } = await world();
  await addSource(store, ROOT, added('lost', master, 'token', 2), now());
  await addSource(store, ROOT, added('lab', other), now());
  await soon(() => jobs('lab')).toBe(3);
  expect((await row('lost'))?.error).toMatch(
    /^lost: its token was sealed with another key than that of BASALT_SECRET_KEY/,
  );
  expect(master.asked).toEqual([]);
});

test('what people ask for is taken: a sync, an audit, and all of the history again', async () => {
  const master = await lab();
  const { store, jobs } = await world();
  await addSource(store, ROOT, added('lab', master), now());
  const ended = async () =>
    (await store.sql.get<{ at: number | null }>("SELECT last_success_at AS at FROM source WHERE slug = 'lab'"))?.at ??
    null;
  await soon(ended).not.toBeNull();
  addJob(master, 4);
  await requestOf(store, ROOT, 'lab', 'SYNC', now());
  await soon(() => jobs('lab')).toBe(4);

  await requestOf(store, ROOT, 'lab', 'AUDIT', now());
  const audits = () => store.sql.all<{ n: number }>('SELECT source_count AS n FROM audit');
  await soon(audits).toEqual([{ n: 4 }]);

  const results = () => master.asked.filter(({ path }) => path === '/api/v0.2/jobs/1/tests/').length;
  const before = results();
  await requestOf(store, ROOT, 'lab', 'HISTORY', now());
  await soon(results).toBeGreaterThan(before);
  await soon(() => listAllRequests(store)).toEqual([]);
  expect(await jobs('lab')).toBe(4);
});

test('a source that was added is read by all that was said of it', async () => {
  const { store } = await temporaryWriter([]);
  const quietHours = { from: '22:00', to: '06:00', timeZone: 'Europe/London', days: ['mon' as const] };
  const more = { caPem: 'PEM', retention: { logs: 90 }, quietHours, megabytesPerHour: 500, history: 'oldest' as const };
  await addSource(store, ROOT, { ...added('new', { url: 'https://new.example/' }), ...more }, now());
  const { sources } = await readWanted(store, [], vaultOf(1));
  expect(sources).toMatchObject([
    {
      ...{ slug: 'new', caPem: 'PEM', retention: { logs: 90 }, history: 'oldest' },
      budget: { concurrent: 2, perMinute: 6000, megabytesPerHour: 500, quietHours },
    },
  ]);
});
