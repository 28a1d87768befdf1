/** A job that is deleted on the master is kept and marked, once two ways of asking agree; nothing else ever is. */
import { expect, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { checkStore } from '#store/check.ts';
import { countJobs } from '#store/job.ts';
import { addJob, openJob } from '../adapters/fake-master.ts';
import { showJobs } from '../adapters/fake-rpc.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { readable } from '../store/readable.ts';
import { type AuditWorld, auditWorld, deleteJobs, EVERYTHING, upTo } from './audit-world.ts';

const world = lavaWorld();

/** A whole round each day. */
async function days(n: number, { audit, later }: AuditWorld) {
  let last: Awaited<ReturnType<typeof audit>> | null = null;
  for (let i = 0; i < n; i++) {
    later(24);
    last = await audit();
  }
  return last;
}

test('L-61, T-15: absent in two rounds and unknown to another interface: marked, and kept with all its results', async () => {
  const of = await auditWorld(world(), 20);
  await of.audit();
  deleteJobs(of.master, 4, 9);
  expect(await of.audit()).toMatchObject({ goneAtSource: 2, deleted: 0, alarm: null });
  expect(await of.goneIds()).toEqual([]);
  expect(await days(1, of)).toMatchObject({ goneAtSource: 2, deleted: 2, missing: [] });
  expect(await of.goneIds()).toEqual([4, 9]);
  expect(await of.storedIds()).toEqual(upTo(20));
  expect(await of.shown()).toMatchObject({ goneAtSource: 2, deleted: 2 });

  const calls: string[] = [];
  of.master.rpc = (master, body, ...rest) => {
    calls.push(body);
    showJobs()(master, body, ...rest);
  };
  expect(await days(1, of)).toMatchObject({ goneAtSource: 2, deleted: 2 });
  expect(calls.filter((body) => body.includes('jobs.show'))).toEqual([]);
});

test('two rounds in a hurry are one: hours lie between', async () => {
  const of = await auditWorld(world(), 20);
  deleteJobs(of.master, 4);
  await of.audit();
  of.later(5);
  await of.audit();
  expect(await of.goneIds()).toEqual([]);
  of.later(2);
  await of.audit();
  expect(await of.goneIds()).toEqual([4]);
});

test('a job that is seen again loses the mark', async () => {
  const of = await auditWorld(world(), 20);
  const job = of.master.jobs.get(4);
  deleteJobs(of.master, 4);
  await days(2, of);
  expect(await of.goneIds()).toEqual([4]);
  if (job) of.master.jobs.set(4, job);
  expect(await days(1, of)).toMatchObject({ goneAtSource: 0, deleted: 0, repaired: 0 });
  expect(await of.goneIds()).toEqual([]);
});

test('a job that was absent once and came back is absent for the first time again', async () => {
  const of = await auditWorld(world(), 20);
  of.master.concealed.add(4);
  await days(1, of);
  of.master.concealed.delete(4);
  await days(1, of);
  deleteJobs(of.master, 4);
  await days(1, of);
  expect(await of.goneIds()).toEqual([]);
});

test('L-13: a hidden job is not deleted, however long it is hidden', async () => {
  const of = await auditWorld(world(), 20);
  of.master.concealed.add(4);
  expect(await days(4, of)).toMatchObject({ goneAtSource: 1, deleted: 0, alarm: null });
  expect(await of.goneIds()).toEqual([]);
});

test('S-04: a job that the master hides is private from the first round that misses it, and public once it is shown again', async () => {
  const of = await auditWorld(world(), 20);
  const { store } = of.writer;
  const publicIds = async () => (await countJobs(store, ANONYMOUS, {})).count;
  const before = await readable(store);
  of.master.concealed.add(4);
  await days(1, of);
  expect([await publicIds(), (await countJobs(store, EVERYTHING, {})).count]).toEqual([19, 20]);
  expect(await checkStore(store)).toEqual([]);
  await days(1, of);
  expect(await of.shownToVisitors()).toMatchObject({ sourceCount: 19, storeCount: 19, goneAtSource: 0 });
  of.master.concealed.delete(4);
  expect(await days(1, of)).toMatchObject({ repaired: 1, goneAtSource: 0 });
  expect(await publicIds()).toBe(20);
  expect(await checkStore(store)).toEqual([]);
  const after = await readable(store);
  for (const table of ['suite_run', 'job_text', 'job_detail', 'job_label', 'build_env', 'suite_history'])
    expect(after[table], table).toEqual(before[table]);
});

test('many that are hidden at once are an alarm, and private all the same', async () => {
  const of = await auditWorld(world(), 100);
  for (const id of upTo(70, 41)) of.master.concealed.add(id);
  expect((await days(1, of))?.alarm).toMatch(/^30 of 100 jobs/);
  expect((await countJobs(of.writer.store, ANONYMOUS, {})).count).toBe(70);
  expect(await checkStore(of.writer.store)).toEqual([]);
});

test('where no second means exists a job is not seen any more, and that is all', async () => {
  const of = await auditWorld(world(), 20);
  of.master.rpc = null;
  deleteJobs(of.master, 4);
  expect(await days(4, of)).toMatchObject({ goneAtSource: 1, deleted: 0, alarm: null });
  expect(await of.goneIds()).toEqual([]);
});

test('where there is no XML-RPC the lists of the job tell, on versions that can', async () => {
  const of = await auditWorld(world(), 20);
  of.master.rpc = null;
  of.master.tellsApart = true;
  of.master.concealed.add(5);
  deleteJobs(of.master, 4);
  await days(2, of);
  expect(await of.goneIds()).toEqual([4]);
});

test('an interface that is ill meanwhile confirms nothing, and is asked again', async () => {
  const of = await auditWorld(world(), 20);
  deleteJobs(of.master, 4);
  of.master.fault = ({ path }, response) => {
    if (path !== '/RPC2') return undefined;
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>maintenance');
    return true;
  };
  await days(3, of);
  expect(await of.goneIds()).toEqual([]);
  of.master.fault = null;
  await days(1, of);
  expect(await of.goneIds()).toEqual([4]);
});

test('L-14: more than a few per cent at once are an alarm and no deletions, until they are there again', async () => {
  const of = await auditWorld(world(), 300);
  await of.audit();
  const inTheMiddle = upTo(112, 101);
  const vanished = inTheMiddle.map((id) => [id, of.master.jobs.get(id)] as const);
  deleteJobs(of.master, ...inTheMiddle);
  const alarmed = await days(3, of);
  expect(alarmed?.alarm).toMatch(/^12 of 300 jobs are not listed any more, all at once/);
  expect(alarmed).toMatchObject({ goneAtSource: 12, deleted: 0 });
  expect((await of.shown())?.alarm).toBe(alarmed?.alarm);
  expect(await of.goneIds()).toEqual([]);

  for (const [id, job] of vanished) if (job) of.master.jobs.set(id, job);
  expect(await days(1, of)).toMatchObject({ goneAtSource: 0, alarm: null });
});

test('a few per cent less than that are believed, once they are confirmed', async () => {
  const of = await auditWorld(world(), 400);
  deleteJobs(of.master, ...upTo(112, 101));
  expect((await days(2, of))?.alarm).toBeNull();
  expect(await of.goneIds()).toEqual(upTo(112, 101));
});

test('the oldest jobs may go, however many: a master that keeps them for a time deletes them so', async () => {
  const of = await auditWorld(world(), 100);
  await of.audit();
  deleteJobs(of.master, ...upTo(40));
  expect(await days(1, of)).toMatchObject({ goneAtSource: 40, deleted: 0, alarm: null });
  expect(await days(1, of)).toMatchObject({ goneAtSource: 40, deleted: 40, alarm: null });
  expect(await of.goneIds()).toEqual(upTo(40));
});

test('a mass deletion is believed when a person says so, once it is confirmed', async () => {
  const of = await auditWorld(world(), 100);
  await of.audit();
  deleteJobs(of.master, ...upTo(70, 31));
  expect((await days(2, of))?.alarm).toContain('basalt audit --accept-deletions');
  expect(await of.audit({ believes: true })).toMatchObject({ goneAtSource: 40, deleted: 0, alarm: null });
  expect(await of.goneIds()).toEqual([]);
  expect(await days(1, of)).toMatchObject({ goneAtSource: 40, deleted: 40, alarm: null });
  expect(await of.goneIds()).toEqual(upTo(70, 31));
});

test('L-14, L-16: a few of a small master are no alarm, all of them are: the database is fresh', async () => {
  const of = await auditWorld(world(), 8);
  deleteJobs(of.master, 1, 2);
  expect(await days(2, of)).toMatchObject({ deleted: 2, alarm: null });
  deleteJobs(of.master, ...upTo(8));
  expect((await days(3, of))?.alarm).toMatch(/^6 of 6 jobs are not listed any more/);
  expect(await of.goneIds()).toEqual([1, 2]);
});

test('L-13: a token of a user who sees less is another user: what he does not see is counted anew', async () => {
  const of = await auditWorld(world(), 20);
  deleteJobs(of.master, 4);
  await days(1, of);
  of.master.user = 'other';
  expect((await days(1, of))?.alarm).toContain('another user');
  expect(await of.goneIds()).toEqual([]);
  expect(await days(1, of)).toMatchObject({ alarm: null, deleted: 0 });
  expect(await days(1, of)).toMatchObject({ alarm: null, deleted: 1 });
});

test('a mass of hidden jobs is told to those alone who may see them', async () => {
  const of = await auditWorld(world(), 40);
  for (const id of upTo(70, 41)) addJob(of.master, id, { viewing_groups: [1] });
  await of.sync();
  await of.audit();
  deleteJobs(of.master, ...upTo(70, 41));
  expect((await days(1, of))?.alarm).toMatch(/^30 of 70 /);
  expect(await of.shownToVisitors()).toMatchObject({ sourceCount: 40, storeCount: 40, goneAtSource: 0, alarm: null });
});

test('a deleted job whose number another one has is not marked: the numbers are new ones', async () => {
  const of = await auditWorld(world(), 20);
  deleteJobs(of.master, 4);
  await days(2, of);
  addJob(of.master, 4, { submit_time: '2026-07-01T00:00:01.000001Z', end_time: '2026-07-01T00:01:00.000001Z' });
  expect((await days(1, of))?.alarm).toContain('reset or restored');
  await of.sync();
  // Those that are there as before are the same jobs still.
  expect([await of.storedIds(0), await of.storedIds(1)]).toEqual([[4], upTo(20)]);
  expect(await days(1, of)).toMatchObject({ goneAtSource: 0, deleted: 0, alarm: null });
});

test('cut short while it confirms, a round marks nothing, and the next one does', async () => {
  const of = await auditWorld(world(), 20);
  deleteJobs(of.master, 4, 5);
  await days(1, of);
  of.later(24);
  const stop = new AbortController();
  const lookFor: typeof of.deps.adapter.lookFor = async (id, context) => {
    if (id === '5') stop.abort(new Error('killed'));
    context.signal.throwIfAborted();
    return of.deps.adapter.lookFor(id, context);
  };
  await expect(of.audit({ signal: stop.signal, adapter: { ...of.deps.adapter, lookFor } })).rejects.toThrow('killed');
  expect(await of.goneIds()).toEqual([]);
  await days(1, of);
  expect(await of.goneIds()).toEqual([4, 5]);
});

test('a job that was stored after the list was asked for is not absent', async () => {
  const of = await auditWorld(world(), 20);
  const inventory: typeof of.deps.adapter.inventory = async function* (after, context) {
    yield* of.deps.adapter.inventory(after, context);
    openJob(of.master, 21);
    await of.sync();
  };
  expect(await of.audit({ adapter: { ...of.deps.adapter, inventory } })).toMatchObject({ goneAtSource: 0 });
  expect(await of.storedIds()).toContain(21);
});

test('what is asked of a job that is there is not kept', async () => {
  const of = await auditWorld(world(), 20);
  const inventory: typeof of.deps.adapter.inventory = async function* (after, context) {
    for await (const page of of.deps.adapter.inventory(after, context))
      yield page.filter(({ externalId }) => externalId !== '4');
  };
  const adapter = { ...of.deps.adapter, inventory };
  for (let i = 0; i < 3; i++) {
    of.later(24);
    await of.audit({ adapter });
  }
  expect(await of.goneIds()).toEqual([]);
  const state = await of.writer.store.sql.all<{ value: string }>('SELECT value FROM store_state');
  expect(JSON.stringify(state)).not.toContain('a secret');
});
