/** Gaps are found by comparing with the source, and repaired by reading again. */
import { expect, test } from 'vitest';
import { SourceError } from '#adapters/error.ts';
import { auditSource } from '#ingest/audit.ts';
import { JobHealth } from '#schema/records.ts';
import { readAuditMemory } from '#store/audit-memory.ts';
import { retire } from '#store/retention.ts';
import { getSyncState } from '#store/write-source.ts';
import { addJob, openJob, send, testCase } from '../adapters/fake-master.ts';
import { failureOf, lavaWorld } from '../adapters/lava-world.ts';
import { auditWorld, deleteJobs, upTo } from './audit-world.ts';

const world = lavaWorld();

test('a copy that is equal is said to be, and costs one look at each list', async () => {
  const { audit, shown, master } = await auditWorld(world(), 130);
  const before = master.asked.length;
  const found = await audit();
  expect(found).toMatchObject({ sourceCount: 130, storeCount: 130, missing: [], changed: [], goneAtSource: 0 });
  expect(found).toMatchObject({ repaired: 0, sampled: 0, altered: 0, deleted: 0, alarm: null });
  expect(await shown()).toMatchObject({ sourceCount: 130, storeCount: 130, repaired: 0, alarm: null });
  const asked = master.asked.slice(before).map(({ path, query }) => path + (query.get('id__gt') ?? ''));
  expect(asked.filter((path) => /jobs\/\d+$/.test(path))).toEqual(['/api/v0.2/jobs/0', '/api/v0.2/jobs/100']);
});

test('T-14: what is missing or differs is read again, oldest first, and the next audit finds nothing', async () => {
  const { audit, lose, spoil, storedIds, finished, sync, writer } = await auditWorld(world(), 250);
  const bookmark = (await getSyncState(writer, 'lab'))?.bookmark;
  await lose(3, 120, 250);
  await spoil(7, 201);

  expect(await audit()).toMatchObject({ repaired: 5, missing: [], changed: [], sourceCount: 250, storeCount: 250 });
  expect(finished.map(({ externalId }) => Number(externalId))).toEqual([3, 7, 120, 201, 250]);
  expect(await storedIds()).toEqual(upTo(250));
  const via = await writer.store.sql.all("SELECT external_id FROM job WHERE via = 'RECONCILE'");
  expect(via).toHaveLength(3);
  expect((await getSyncState(writer, 'lab'))?.bookmark).toBe(bookmark);

  expect(await audit()).toMatchObject({ repaired: 0, missing: [], changed: [] });
  expect(await sync()).toMatchObject({ state: 'succeeded', jobsWritten: 0 });
});

test('T-13: a hundred jobs that were not listed while others were read are found, and read', async () => {
  const { audit, look, master, storedIds, sync } = await auditWorld(world(), 20);
  for (const id of upTo(140, 21)) addJob(master, id);
  for (const id of upTo(120, 21)) master.concealed.add(id);
  await sync();
  master.concealed.clear();
  expect(await look()).toMatchObject({ missing: upTo(120, 21).map(String), sourceCount: 140, storeCount: 40 });
  expect(await audit()).toMatchObject({ repaired: 100, missing: [], changed: [] });
  expect(await storedIds()).toEqual(upTo(140));
});

test('a look reads nothing again and says what is wrong', async () => {
  const { look, lose, spoil, shown, storedIds } = await auditWorld(world(), 20);
  await lose(4);
  await spoil(9);
  expect(await look()).toMatchObject({ missing: ['4'], changed: ['9'], repaired: 0, sourceCount: 20, storeCount: 19 });
  expect(await shown()).toMatchObject({ missing: ['4'], changed: ['9'] });
  expect(await storedIds()).not.toContain(4);
});

test('an audit repairs no more than it may, and the next goes on', async () => {
  const { deps, lose } = await auditWorld(world(), 30);
  await lose(...upTo(10));
  expect(await auditSource(deps, { repairs: 4 })).toMatchObject({ repaired: 4, missing: upTo(10, 5).map(String) });
  expect(await auditSource(deps, { repairs: 4 })).toMatchObject({ repaired: 4, missing: ['9', '10'] });
  expect(await auditSource(deps, { repairs: 4 })).toMatchObject({ repaired: 2, missing: [] });
});

test('who may see a job follows the master, though nothing tells that it changed', async () => {
  const { audit, master, shownToVisitors } = await auditWorld(world(), 20);
  const job = master.jobs.get(8);
  if (job) job.row.viewing_groups = [1];
  expect(await audit()).toMatchObject({ repaired: 1, sourceCount: 20 });
  expect(await shownToVisitors()).toMatchObject({ sourceCount: 19, storeCount: 19, missing: [] });
});

test.each([
  ['a comment on its failure', { failure_comment: 'the board had no power' }],
  ['a tag', { tags: [] }],
  ['another priority', { priority: 90 }],
  ['another description', { description: 'job 8, once more' }],
])('L-05, T-04: %s that a job gets after its end is found, once', async (_, edit) => {
  const { audit, master, writer } = await auditWorld(world(), 20);
  const revision = async () => {
    const row = await writer.store.sql.get<{ n: number }>("SELECT revision AS n FROM job WHERE external_id = '8'");
    return Number(row?.n);
  };
  const before = await revision();
  Object.assign(master.jobs.get(8)?.row ?? {}, edit);
  expect(await audit()).toMatchObject({ repaired: 1, changed: [] });
  expect(await audit()).toMatchObject({ repaired: 0, changed: [] });
  expect(await revision()).toBe(before + 1);
});

test('names of tags that may not be read for a while are not taken for other tags', async () => {
  const { audit, master } = await auditWorld(world(), 20);
  master.fault = ({ path }, response) => path.endsWith('/tags/') && send(response, 403, { detail: 'not for you' });
  expect(await audit()).toMatchObject({ repaired: 0, changed: [] });
});

test('L-32: results that came after a job was read whole are found by a sample of what seems the same', async () => {
  const { audit, look, master, shown, writer } = await auditWorld(world(), 20);
  const all = { share: 1 };
  expect(await audit(all)).toMatchObject({ sampled: 20, altered: 0, repaired: 0 });
  master.jobs.get(5)?.tests.push(testCase(5999, 50, 'late', { result: 'fail' }));
  const results = async () => {
    const row = await writer.store.sql.get<{ pass: number; fail: number }>(
      "SELECT pass, fail FROM job WHERE external_id = '5'",
    );
    return [row?.pass, row?.fail];
  };
  const before = await results();

  expect(await audit()).toMatchObject({ sampled: 0, altered: 0, repaired: 0 });
  expect(await look()).toMatchObject({ sampled: 0 });
  expect(await results()).toEqual(before);
  expect(await audit(all)).toMatchObject({ sampled: 20, altered: 1, repaired: 1, changed: [] });
  expect(await results()).toEqual([before[0], Number(before[1]) + 1]);
  expect(await shown()).toMatchObject({ sampled: 20, altered: 1 });
  expect(await audit(all)).toMatchObject({ sampled: 20, altered: 0, repaired: 0 });
});

test('a job of which retention has deleted a part is not read again for a sample', async () => {
  const { audit, deps, writer } = await auditWorld(world(), 20);
  const source = (await getSyncState(writer, 'lab'))?.id ?? 0;
  await retire(writer, source, { logs: 1 }, deps.now);
  expect(await audit({ share: 1 })).toMatchObject({ sampled: 0, altered: 0, repaired: 0 });
});

test('a log that breaks off when its job is read again does not replace the whole one', async () => {
  const { audit, master, writer } = await auditWorld(world(), 20);
  const logOf5 = () =>
    writer.store.sql.get(
      'SELECT l.bytes, l.truncated, j.health, j.settled FROM job j JOIN log l ON l.id = j.log_id WHERE j.external_id = ?',
      '5',
    );
  const whole = Buffer.byteLength(String(master.jobs.get(5)?.log));
  Object.assign(master.jobs.get(5)?.row ?? {}, { health: 'Incomplete' });
  master.fault = ({ path }, response) => {
    if (!path.endsWith('/jobs/5/logs/')) return false;
    response.writeHead(200, { 'content-type': 'application/yaml', 'content-length': String(whole) });
    response.write('- {"dt"', () => response.socket?.destroy());
    return true;
  };

  expect(await audit()).toMatchObject({ repaired: 1, changed: [] });
  const health = JobHealth.options.indexOf('INCOMPLETE');
  expect(await logOf5()).toEqual({ bytes: whole, truncated: 0, health, settled: 0 });
  master.fault = null;
  expect(await audit()).toMatchObject({ repaired: 1, changed: [] });
  expect(await logOf5()).toEqual({ bytes: whole, truncated: 0, health, settled: 1 });
});

test('a job that was missing, and whose log could not be read, is read again by the next audit', async () => {
  const { audit, master, lose, writer } = await auditWorld(world(), 20);
  const lacking = () => writer.store.sql.all('SELECT external_id AS id FROM job WHERE log_id IS NULL');
  await lose(5);
  master.fault = ({ path }, response) => path.endsWith('/jobs/5/logs/') && send(response, 500, 'no');

  expect(await audit()).toMatchObject({ repaired: 1, missing: [] });
  expect(await lacking()).toEqual([{ id: '5' }]);

  master.fault = null;
  expect(await audit()).toMatchObject({ repaired: 1, changed: [] });
  expect(await lacking()).toEqual([]);
  expect(await audit()).toMatchObject({ repaired: 0, changed: [] });
});

test('what one may not see of an audit leaves no trace', async () => {
  const { audit, master, lose, sync, shownToVisitors } = await auditWorld(world(), 12);
  const of = (id: number) => addJob(master, id, { viewing_groups: [1] });
  for (const id of [13, 14]) of(id);
  await sync();
  await lose(13);
  deleteJobs(master, 14);
  const found = await audit();
  expect(found).toMatchObject({ repaired: 1, sourceCount: 13, storeCount: 14, goneAtSource: 1 });
  expect(await shownToVisitors()).toEqual({
    checkedAt: expect.any(Number),
    ...{ sourceCount: 12, storeCount: 12, missing: [], changed: [], goneAtSource: 0 },
    ...{ repaired: 0, sampled: 0, altered: 0, deleted: 0, alarm: null },
  });
});

test('a 500 in the middle invents no gap and leaves what was found before', async () => {
  const { audit, shown, master, goneIds } = await auditWorld(world(), 250);
  await audit();
  const before = await shown();
  master.fault = ({ query }, response) => query.get('id__gt') === '100' && send(response, 500, 'oops');
  expect((await failureOf(audit())).code).toBe('SERVER_ERROR');
  expect(await shown()).toEqual(before);
  expect(await goneIds()).toEqual([]);
});

test.each([
  ['a login page', (master: { fault: unknown }) => Object.assign(master, { fault: loginPage })],
  ['a wall of logins', (master: { loginRequired: boolean }) => Object.assign(master, { fault: wall })],
])('L-11: %s is an error of the source and no audit', async (_, spoilMaster) => {
  const { audit, shown, master, goneIds, later } = await auditWorld(world(), 20);
  await audit();
  const before = await shown();
  spoilMaster(master);
  for (let i = 0; i < 3; i++) {
    later(24);
    await expect(audit()).rejects.toBeInstanceOf(SourceError);
  }
  expect([await shown(), await goneIds()]).toEqual([before, []]);
});

const loginPage = (_: unknown, response: Parameters<typeof send>[0]) =>
  send(response, 200, '<!doctype html><form>log in</form>', { 'content-type': 'text/html' });
const wall = (_: unknown, response: Parameters<typeof send>[0]) => send(response, 403, { detail: 'Invalid token.' });

test('one job that cannot be read is a gap, and holds up no other', async () => {
  const { audit, master, lose, storedIds } = await auditWorld(world(), 12);
  await lose(3, 4);
  master.fault = ({ path }, response) => path.includes('/jobs/3/') && send(response, 403, { detail: 'not for you' });
  expect(await audit()).toMatchObject({ repaired: 1, missing: ['3'] });
  expect(await storedIds()).toContain(4);
  master.fault = null;
  expect(await audit()).toMatchObject({ repaired: 1, missing: [] });
});

test('L-59, T-12: a job that was written while it was read again keeps the later reading', async () => {
  const { audit, master, sync, deps, writer } = await auditWorld(world(), 5);
  openJob(master, 6);
  await sync();
  addJob(master, 6);
  const job: typeof deps.adapter.job = async (id, context) => {
    const early = await deps.adapter.job(id, context);
    await writer.store.sql.run(
      "UPDATE job SET description = 'later', changed_at = changed_at + 1 WHERE external_id = '6'",
    );
    return early;
  };
  await audit({ adapter: { ...deps.adapter, job } });
  const row = await writer.store.sql.get<{ description: string }>(
    "SELECT description FROM job WHERE external_id = '6'",
  );
  expect(row?.description).toBe('later');
});

test('L-16, T-11: numbers of a master that was reset begin a new epoch, and nothing of the old one is lost', async () => {
  const { audit, master, storedIds, sync, goneIds, shown } = await auditWorld(world(), 12);
  deleteJobs(master, ...upTo(12));
  for (const id of upTo(3))
    addJob(master, id, { submit_time: '2026-07-01T00:00:01.000001Z', end_time: '2026-07-01T00:01:00Z' });

  expect((await audit()).alarm).toContain('reset or restored');
  expect((await shown())?.alarm).toContain('read as new ones');
  await sync();
  expect([await storedIds(0), await storedIds(1), await goneIds()]).toEqual([upTo(12), upTo(3), []]);
  expect(await audit()).toMatchObject({ sourceCount: 3, storeCount: 3, goneAtSource: 0, alarm: null });
});

test('a round goes through the numbers in slices, and an end between two of them loses nothing', async () => {
  const { slice, lose, master, shown, writer, later } = await auditWorld(world(), 250);
  await lose(50, 150, 249);
  master.longestPage = 20;
  const before = master.asked.length;
  expect(await slice()).toBeNull();
  const pages = master.asked
    .slice(before)
    .filter(({ path, query }) => /jobs\/$/.test(path) && query.has('id__gt') && !query.has('id__in'));
  expect(pages).toHaveLength(10);
  expect(await shown()).toBeNull();
  const source = await getSyncState(writer, 'lab');
  if (!source) throw new Error('no source');
  const { round } = await readAuditMemory(writer.store, source);
  expect(round?.after).toBe('200');

  // Cut short: the source falls ill in the next slice, which is as if it had not been.
  master.fault = ({ query }, response) => query.get('id__gt') === '220' && send(response, 500, 'oops');
  await expect(slice()).rejects.toBeInstanceOf(SourceError);
  master.fault = null;
  const result = await slice();
  expect(result).toMatchObject({ sourceCount: 250, storeCount: 250, repaired: 3, missing: [], alarm: null });
  expect(await shown()).toMatchObject({ sourceCount: 250, storeCount: 250, repaired: 3 });

  expect(await slice()).toBeNull();
  expect((await readAuditMemory(writer.store, source)).round).toBeNull();
  later(26);
  expect(await slice()).toBeNull();
  expect((await readAuditMemory(writer.store, source)).round?.after).toBe('200');
});

test('a slice gives way when something else wants the source', async () => {
  const { slice, master, writer } = await auditWorld(world(), 60);
  master.longestPage = 10;
  expect(await slice(() => true)).toBeNull();
  const source = await getSyncState(writer, 'lab');
  expect(source && (await readAuditMemory(writer.store, source)).round?.after).toBe('10');
});

test('what audits asked is among the runs of the source', async () => {
  const { audit, lose, writer } = await auditWorld(world(), 12);
  await lose(3);
  await audit();
  const run = await writer.store.sql.get<{ requests: number; read: number; state: string }>(
    "SELECT requests, jobs_read AS read, state FROM sync_run WHERE trigger = 'RECONCILE'",
  );
  expect(run).toMatchObject({ read: 1, state: 'succeeded' });
  expect(run?.requests).toBeGreaterThan(5);
});

test('jobs from before the bound of the history are missed by nobody, and those that are stored are compared', async () => {
  const { audit, master, lose, storedIds, writer } = await auditWorld(world(), 12);
  await lose(1, 2, 3);
  const row = master.jobs.get(6)?.row;
  await writer.store.sql.run('UPDATE source SET history_since = ?', Date.parse(String(row?.submit_time)) * 1000);
  expect(await audit()).toMatchObject({ repaired: 0, missing: [], sourceCount: 9, storeCount: 9, goneAtSource: 0 });
  expect(await storedIds()).toEqual(upTo(12, 4));
  await lose(7);
  expect(await audit()).toMatchObject({ repaired: 1, missing: [], sourceCount: 9 });
  Object.assign(master.jobs.get(4)?.row ?? {}, { failure_comment: 'the cable' });
  expect(await audit()).toMatchObject({ repaired: 1, changed: [], sourceCount: 9 });
});

test('a job that a sync waits for is left to it', async () => {
  const { audit, master, sync } = await auditWorld(world(), 8);
  addJob(master, 9, { end_time: new Date().toISOString() });
  await sync();
  expect(await audit()).toMatchObject({ repaired: 0, changed: [] });
});
