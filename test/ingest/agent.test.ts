/** A lab behind a firewall: what its agent reads arrives whole, whatever happens in between. */

import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { auditSource } from '#ingest/audit.ts';
import { syncSource } from '#ingest/sync.ts';
import { packBatch, unpackBatch } from '#schema/agent-batch.ts';
import { getDeadLetter, listDeadLetters } from '#store/dead-letter.ts';
import { removeJob } from '#store/remove-job.ts';
import { addJob, finishJob, openJob, send } from '../adapters/fake-master.ts';
import { showJobs } from '../adapters/fake-rpc.ts';
import { readable } from '../store/readable.ts';
import { temporaryFolder, temporaryWriter } from '../store/temporary.ts';
import { type AgentsLab, agentsBasalt, agentsLab, silent } from './agent-world.ts';
import { upTo } from './audit-world.ts';

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;

/** What a Basalt that reads the master itself has stored. */
async function readDirectly({ adapter }: AgentsLab, at: number): Promise<Record<string, string[]>> {
  const writer = await temporaryWriter(['lab']);
  const { signal } = new AbortController();
  const deps = { writer, adapter, slug: 'lab', now: () => at, signal, log: silent, onFinished: () => undefined };
  const report = await syncSource({ ...deps, refresh: { probe: true, fleet: true } }, 'SCHEDULE');
  expect(report).toMatchObject({ state: 'succeeded', error: null });
  return readable(writer.store);
}

async function world() {
  const clock = { at: Date.now() * 1000 };
  const basalt = await agentsBasalt(clock);
  const lab = await agentsLab(clock, { url: basalt.url });
  return { clock, basalt, lab };
}

test('what comes by an agent is stored as what is read directly', async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(40)) addJob(lab.master, id);
  openJob(lab.master, 41);
  expect(await lab.read()).toMatchObject({ state: 'succeeded', jobs: 41 });
  expect(await lab.sendAll()).toMatchObject({ state: 'sent' });
  expect(basalt.news.length).toBeGreaterThan(0);

  expect(await basalt.sync()).toMatchObject({ state: 'succeeded', jobsRead: 41, jobsWritten: 41, rejected: 0 });

  expect(await readable(basalt.writer.store)).toEqual(await readDirectly(lab, clock.at));
  expect(await basalt.waiting()).toBe(0);
  expect(await basalt.source()).toMatchObject({ version: '2023.01', lastSuccessAt: clock.at, kind: 'LAVA' });
  expect((await basalt.source()).capabilities).toContain('agent');
});

const NOWHERE = 'http://127.0.0.1:1/';

test('T-30: an agent that is offline for 48 hours loses nothing, in a spool that stays within its bound', {
  timeout: 120_000,
}, async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(20)) addJob(lab.master, id);
  await lab.read();
  await lab.sendAll();
  await basalt.sync();
  const heardAt = clock.at;

  await lab.pushTo(NOWHERE);
  let last = 20;
  for (let past = 0; past < 48 * HOUR; past += 30 * MINUTE) {
    clock.at += 30 * MINUTE;
    finishJob(lab.master, last, new Date(clock.at / 1000 - 10_000 - last));
    openJob(lab.master, ++last);
    expect(await lab.read(past % HOUR === 0)).toMatchObject({ state: 'succeeded' });
    expect(await lab.send()).toMatchObject({ state: 'unreachable', entries: 0 });
  }
  const { entries, bytes, limitBytes, isFull } = lab.spool().waiting();
  expect(isFull).toBe(false);
  expect(entries).toBeGreaterThan(3 * (last - 20));
  expect(bytes).toBeLessThan(limitBytes);
  expect(statSync(lab.path).size).toBeLessThan(limitBytes);
  expect(await basalt.sync()).toMatchObject({ state: 'failed', error: { code: 'UNREACHABLE' } });
  const since = new Date(heardAt / 1000).toISOString().slice(0, 10);
  expect(await basalt.status()).toMatchObject({
    status: 'FAILING',
    reason: expect.stringContaining(`its agent has not called since ${since}`),
  });
  expect(await basalt.source()).toMatchObject({ lastSuccessAt: heardAt });
  // Gone on the master before it could be pushed.
  const gone = lab.master.jobs.get(30);
  lab.master.jobs.delete(30);

  // What ended just now is looked at once more.
  clock.at += HOUR;
  await lab.read();
  await lab.pushTo(basalt.url);
  expect(await lab.sendAll()).toMatchObject({ state: 'sent' });
  expect(lab.spool().waiting()).toMatchObject({ entries: 0, bytes: 0 });
  expect(await basalt.sync()).toMatchObject({ state: 'succeeded', rejected: 0 });
  expect(await basalt.source()).toMatchObject({ lastSuccessAt: clock.at, lastError: null });
  expect(await basalt.storedIds()).toEqual(upTo(last));
  expect(await basalt.waiting()).toBe(0);
  if (gone) lab.master.jobs.set(30, gone);
  expect(await readable(basalt.writer.store)).toEqual(await readDirectly(lab, clock.at));
});

test('T-31: reading rests while the spool is full, is said to, and goes on by itself; nothing is dropped', async () => {
  const clock = { at: Date.now() * 1000 };
  const basalt = await agentsBasalt(clock);
  const lab = await agentsLab(clock, { url: NOWHERE, limitBytes: 40_000 });
  for (const id of upTo(120)) addJob(lab.master, id);
  expect(await lab.read()).toMatchObject({ state: 'full' });
  const full = lab.spool().waiting();
  expect(full.bytes).toBeLessThanOrEqual(40_000);
  expect(full.isFull).toBe(true);
  const asked = lab.master.asked.length;
  expect(await lab.read()).toMatchObject({ state: 'full', entries: 0 });
  lab.restart();
  const { path } = lab;
  expect(statSync(path).size).toBeLessThan(200_000);
  expect(lab.spool().waiting().entries).toBe(full.entries);

  await lab.pushTo(basalt.url);
  const pushed = await lab.send({ push: async () => ({ kind: 'held', held: 0, generation: 0, questions: [] }) });
  expect(pushed.state).toBe('sent');
  expect(lab.master.asked.length).toBe(asked);

  let rounds = 0;
  for (let state = 'full'; state !== 'succeeded'; rounds++) {
    clock.at += MINUTE;
    await lab.sendAll();
    ({ state } = await lab.read());
    expect(lab.spool().waiting().bytes).toBeLessThanOrEqual(40_000);
    expect(rounds).toBeLessThan(50);
  }
  expect(rounds).toBeGreaterThan(1);
  await lab.sendAll();
  await basalt.sync();
  expect(await readable(basalt.writer.store)).toEqual(await readDirectly(lab, clock.at));
});

test('T-31: Basalt says of a spool that is full what is the matter', async () => {
  const clock = { at: Date.now() * 1000 };
  const basalt = await agentsBasalt(clock);
  const lab = await agentsLab(clock, { url: basalt.url, limitBytes: 40_000 });
  for (const id of upTo(120)) addJob(lab.master, id);
  expect(await lab.read()).toMatchObject({ state: 'full' });
  // What it pushes is told before it is taken.
  await lab.send();
  await basalt.sync();
  expect(await basalt.status()).toMatchObject({ status: 'FAILING', reason: expect.stringContaining('is full') });
  expect(await lab.sendAll()).toMatchObject({ state: 'sent' });
  expect(await lab.read()).toMatchObject({ state: expect.stringMatching(/succeeded|full/) });
});

test('T-32: of two agents with one key the second is refused in words, until the first has been silent for long', async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(5)) addJob(lab.master, id);
  await lab.read();
  await lab.sendAll();

  const second = await agentsLab(clock, { url: basalt.url });
  for (const id of upTo(7)) addJob(second.master, id);
  await second.read();
  clock.at += MINUTE;
  const refused = await second.send();
  expect(refused).toMatchObject({
    state: 'refused',
    message: expect.stringMatching(/another agent .* heard 60 s ago: stop one/),
  });
  expect(second.spool().waiting().entries).toBeGreaterThan(0);
  addJob(lab.master, 6);
  await lab.read();
  expect(await lab.sendAll()).toMatchObject({ state: 'sent' });
  await basalt.sync();
  expect(await basalt.storedIds()).toEqual(upTo(6));

  clock.at += 11 * MINUTE;
  expect(await second.sendAll()).toMatchObject({ state: 'sent' });
  expect(await basalt.sync()).toMatchObject({ state: 'succeeded', jobsRead: 7 });
  expect(await lab.send()).toMatchObject({ state: 'refused', message: expect.stringContaining('another agent') });
  expect(await basalt.storedIds()).toEqual(upTo(7));
});

test('T-32: a copy of a spool that goes on by itself begins anew, and the other one is refused', async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(5)) addJob(lab.master, id);
  await lab.read();
  await lab.sendAll();
  const copy = join(temporaryFolder(), 'spool.db');
  lab.restart();
  copyFileSync(lab.path, copy);
  const second = await agentsLab(clock, { url: basalt.url, path: copy });
  for (const id of upTo(5)) addJob(second.master, id);
  expect(second.spool().state()).toEqual(lab.spool().state());

  addJob(lab.master, 6);
  addJob(second.master, 7);
  await lab.read();
  await lab.sendAll();
  await second.read();
  expect(await second.send()).toMatchObject({ state: 'anew' });
  await second.read();
  expect(await second.sendAll()).toMatchObject({ state: 'sent' });
  expect(await lab.send()).toMatchObject({ state: 'refused' });
  await basalt.sync();
  expect(await basalt.storedIds()).toEqual(upTo(7));
});

test('a Basalt that was put back to an earlier state has everything read once more', async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(5)) addJob(lab.master, id);
  await lab.read();
  await lab.sendAll();
  const { sql } = basalt.writer.store;
  for (const table of ['agent', 'inbox']) await sql.run(`DELETE FROM ${table}`);
  addJob(lab.master, 6);
  await lab.read();
  const { stream } = lab.spool().state();

  expect(await lab.send()).toMatchObject({ state: 'anew' });
  expect(lab.spool().state()).toMatchObject({ was: stream, bookmark: null, after: 0 });
  await lab.read();
  expect(await lab.sendAll()).toMatchObject({ state: 'sent' });
  await basalt.sync();
  expect(await readable(basalt.writer.store)).toEqual(await readDirectly(lab, clock.at));
});

test('a spool that was put back to an earlier state loses nothing either', async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(5)) addJob(lab.master, id);
  await lab.read();
  await lab.sendAll();
  const copy = join(temporaryFolder(), 'spool.db');
  lab.restart();
  copyFileSync(lab.path, copy);
  addJob(lab.master, 6);
  await lab.read();
  await lab.sendAll();

  const later = await agentsLab(clock, { url: basalt.url, path: copy });
  for (const id of upTo(7)) addJob(later.master, id);
  expect(await later.send()).toMatchObject({ state: 'anew' });
  await later.read();
  expect(await later.sendAll()).toMatchObject({ state: 'sent' });
  await basalt.sync();
  expect(await basalt.storedIds()).toEqual(upTo(7));
});

test('everything comes once more when a person asks for the history, or the master was reset', async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(5)) addJob(lab.master, id);
  await lab.read();
  await lab.sendAll();
  await basalt.sync();

  await basalt.forget();
  expect(await basalt.sync()).toMatchObject({ state: 'succeeded', jobsRead: 0 });
  expect(await lab.send()).toMatchObject({ state: 'anew' });
  expect(await lab.read()).toMatchObject({ jobs: 5 });
  await lab.sendAll();
  expect(await basalt.sync()).toMatchObject({ state: 'succeeded', jobsRead: 5, jobsWritten: 0 });

  lab.master.jobs.clear();
  for (const id of upTo(6)) addJob(lab.master, id, { submit_time: `2026-08-01T00:00:0${id}.000001Z` });
  await basalt.forget();
  for (let i = 0; i < 4; i++) {
    clock.at += MINUTE;
    await basalt.sync();
    await lab.sendAll();
    await lab.read();
    await lab.sendAll();
  }
  expect(await basalt.sync()).toMatchObject({ state: 'succeeded' });
  const rows = await basalt.writer.store.sql.all<{ epoch: number; n: number }>(
    'SELECT epoch, count(*) AS n FROM job GROUP BY epoch ORDER BY epoch',
  );
  expect(rows.map(({ epoch, n }) => [epoch, Number(n)])).toEqual([
    [0, 5],
    [1, 6],
  ]);
});

test('a source that was read directly becomes an agent, and back: nothing is written anew', async () => {
  const { clock, basalt, lab } = await world();
  for (const id of upTo(5)) addJob(lab.master, id);
  const { signal } = new AbortController();
  const direct = {
    ...{ writer: basalt.writer, adapter: lab.adapter, slug: 'lab', now: () => clock.at, signal, log: silent },
    ...{ onFinished: () => undefined, refresh: { probe: true, fleet: true } },
  };
  expect(await syncSource(direct, 'SCHEDULE')).toMatchObject({ jobsWritten: 5 });
  await lab.read();
  await lab.sendAll();
  expect(await basalt.sync()).toMatchObject({ state: 'succeeded', jobsRead: 5, jobsWritten: 0 });
  addJob(lab.master, 6);
  expect(await syncSource(direct, 'SCHEDULE')).toMatchObject({ jobsRead: 6, jobsWritten: 1 });
});

test('how fresh a source is, and what it is ill of, is what its agent says', async () => {
  const { clock, basalt, lab } = await world();
  expect(await basalt.sync()).toMatchObject({ state: 'failed', error: { code: 'UNREACHABLE' } });
  expect(await basalt.status()).toMatchObject({ reason: expect.stringContaining('no agent has called yet') });
  addJob(lab.master, 1);
  await lab.read();
  const readAt = clock.at;
  clock.at += 2 * MINUTE;
  await lab.sendAll();
  await basalt.sync();
  expect(await basalt.source()).toMatchObject({ lastSuccessAt: readAt, lastError: null });

  lab.master.fault = (_, response) => send(response, 401, { detail: 'Invalid token.' });
  clock.at += MINUTE;
  await lab.read(false);
  await lab.sendAll();
  for (let i = 0; i < 2; i++) {
    expect(await basalt.sync()).toMatchObject({ state: 'failed', error: { code: 'UNAUTHORIZED' } });
    expect(await basalt.status()).toMatchObject({
      status: 'ACTION_REQUIRED',
      reason: expect.stringContaining('token'),
    });
  }
  expect(await basalt.source()).toMatchObject({ lastSuccessAt: readAt });

  lab.master.fault = null;
  // A part of it that went well says nothing of the rest.
  await lab.read(false, ['1']);
  await lab.sendAll();
  expect(await basalt.sync()).toMatchObject({ state: 'failed', error: { code: 'UNAUTHORIZED' } });
  clock.at += MINUTE;
  await lab.read(false);
  await lab.sendAll();
  expect(await basalt.sync()).toMatchObject({ state: 'succeeded' });
  expect(await basalt.source()).toMatchObject({ lastSuccessAt: clock.at, lastError: null });
});

test('what the master was asked is counted when it was asked, and once', async () => {
  const { clock, basalt, lab } = await world();
  const asked = () => lab.master.asked.length;
  addJob(lab.master, 1);
  const before = asked();
  await lab.read();
  clock.at += 3 * HOUR;
  await lab.sendAll();
  expect(await basalt.sync()).toMatchObject({ requests: asked() - before });
  await basalt.sync();
  const slots = await basalt.writer.store.sql.all<{ slot: number; n: number }>(
    'SELECT slot, sum(requests) AS n FROM request_slot GROUP BY slot',
  );
  expect(slots.map(({ n }) => Number(n))).toEqual([asked() - before]);
  expect(slots[0]?.slot).toBe(Math.floor((clock.at - 3 * HOUR) / 600_000_000));
});

test('what is not understood is set aside with its bytes, the rest is stored', async () => {
  const { basalt, lab } = await world();
  for (const id of upTo(3)) addJob(lab.master, id);
  await lab.read();
  let seen = 0;
  const spoil = {
    async push(batch: Buffer, signal: AbortSignal) {
      const whole = unpackBatch(batch);
      const entries = whole.entries.map((entry) => {
        if (entry.kind === 'job') seen += 1;
        if (entry.kind === 'job' && seen === 1) return { ...entry, body: withName(entry.body, 'x'.repeat(300)) };
        if (entry.kind === 'log' && seen === 1) return { ...entry, body: zstdCompressSync(Buffer.alloc(40_000_000)) };
        return entry;
      });
      return lab.pusher().push(packBatch({ ...whole, entries }), signal);
    },
  };
  expect(await lab.send(spoil)).toMatchObject({ state: 'sent' });
  expect(await basalt.sync()).toMatchObject({ state: 'succeeded', rejected: 2, jobsWritten: 1 });
  expect(await basalt.waiting()).toBe(0);
  const { letters } = await listDeadLetters(basalt.writer.store, 'lab', 10);
  expect(letters.map(({ stage, externalId }) => [stage, externalId !== null])).toEqual([
    ['job', true],
    ['job', true],
  ]);
  expect(letters[0]?.reason).toContain('job.device');
  const kept = await getDeadLetter(basalt.writer.store, letters[0]?.id ?? 0);
  expect(kept.raw.toString()).toContain('x'.repeat(300));
  expect(kept.raw.toString()).toContain('"definition"');
});

function withName(body: Buffer, device: string): Buffer {
  const message = JSON.parse(zstdDecompressSync(body).toString());
  message.job.device = device;
  return zstdCompressSync(JSON.stringify(message));
}

test('an audit finds through the agent what is missing, edited or gone, and reads it again', async () => {
  const { clock, basalt, lab } = await world();
  lab.master.rpc = showJobs();
  for (const id of upTo(130)) addJob(lab.master, id);
  await lab.read();
  await lab.sendAll();
  await basalt.sync();
  const { writer } = basalt;
  const lost = await writer.store.sql.get<{ id: number }>("SELECT id FROM job WHERE external_id = '7'");
  await writer.transaction(() => removeJob(writer, lost?.id ?? 0));
  const edited = lab.master.jobs.get(8)?.row;
  if (edited) edited.description = 'edited after its end';
  const gone = lab.master.jobs.get(9);
  lab.master.jobs.delete(9);

  const { signal } = new AbortController();
  const deps = {
    writer,
    adapter: basalt.adapter,
    slug: 'lab',
    now: () => clock.at,
    signal,
    onFinished: () => undefined,
  };
  const audit = async () => {
    const stop = lab.keepCalling();
    try {
      return await auditSource({ ...deps, share: 0 }, { repairs: 100 });
    } finally {
      await stop();
    }
  };
  clock.at += MINUTE;
  expect(await audit()).toMatchObject({ sourceCount: 129, storeCount: 130, missing: [], changed: [], alarm: null });
  clock.at += 7 * HOUR;
  await lab.send();
  await audit();
  const marked = await writer.store.sql.all('SELECT external_id FROM job WHERE gone_at IS NOT NULL');
  expect(marked).toEqual([{ external_id: '9' }]);
  expect(await writer.store.sql.all('SELECT 1 FROM agent_question')).toEqual([]);
  lab.master.user = 'somebody else';
  for (const id of upTo(130, 20)) lab.master.jobs.delete(id);
  clock.at += 7 * HOUR;
  await lab.send();
  expect(await audit()).toMatchObject({ alarm: expect.stringContaining('answers to another user') });
  for (const id of upTo(130, 20)) addJob(lab.master, id);
  if (gone) lab.master.jobs.set(9, gone);
  expect(await readable(writer.store)).toEqual(await readDirectly(lab, clock.at));
});

test('an agent that is silent, a master that is down and a job that is none are told apart', async () => {
  const { clock, basalt, lab } = await world();
  addJob(lab.master, 1);
  await lab.read();
  await lab.sendAll();
  await basalt.sync();
  const context = { now: () => clock.at, signal: new AbortController().signal };
  const ask = async (id: string) => {
    const stop = lab.keepCalling();
    try {
      return await basalt.adapter.job(id, context);
    } finally {
      await stop();
    }
  };
  const direct = await lab.adapter.job('1', context);
  const asked = await ask('1');
  expect(asked?.change.job).toEqual(direct?.change.job);
  expect(asked?.change.results?.suites).toEqual(direct?.change.results?.suites);
  expect(Buffer.concat([...(asked?.change.results?.log?.bytes ?? [])])).toEqual(
    Buffer.concat([...(direct?.change.results?.log?.bytes ?? [])]),
  );
  expect(await ask('2')).toBeNull();
  lab.master.fault = (_, response) => send(response, 401, { detail: 'Invalid token.' });
  await expect(ask('1')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  clock.at += 6 * MINUTE;
  await expect(basalt.adapter.job('1', context)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('has not called since'),
  });
});

test('whoever stops asking is not kept waiting', async () => {
  const { clock, basalt, lab } = await world();
  await lab.read();
  await lab.sendAll();
  const stop = new AbortController();
  const reason = new Error('enough');
  const asking = basalt.adapter.lookFor('1', { now: () => clock.at, signal: stop.signal });
  await expect.poll(() => basalt.writer.store.sql.all('SELECT 1 FROM agent_question')).toHaveLength(1);
  stop.abort(reason);
  await expect(asking).rejects.toBe(reason);
  expect(await basalt.writer.store.sql.all('SELECT 1 FROM agent_question')).toEqual([]);
});
