/** Only what is whole here, and was equal on the source, may go there. */
import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { logPath } from '#store/log-file.ts';
import { listSafeToDelete, type SafeJob, whyNothingIsSafe } from '#store/safe-to-delete.ts';
import type { Store } from '#store/store.ts';
import { getSyncState, quarantine } from '#store/write-source.ts';
import { addJob, openJob } from '../adapters/fake-master.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { auditWorld, deleteJobs, upTo } from '../ingest/audit-world.ts';

const world = lavaWorld();
const NOW = Date.now() * 1000;

async function safe(store: Store, endedBefore = NOW): Promise<SafeJob[]> {
  const source = await getSyncState({ store }, 'lab');
  if (!source) throw new Error('no source');
  const jobs: SafeJob[] = [];
  for await (const job of listSafeToDelete(store, source, endedBefore)) jobs.push(job);
  return jobs;
}

async function why(store: Store): Promise<string | null> {
  const source = await getSyncState({ store }, 'lab');
  return source && whyNothingIsSafe(store, source);
}

const idsOf = (jobs: readonly SafeJob[]) => jobs.map(({ externalId }) => Number(externalId)).sort((a, b) => a - b);

test('what is finished, whole and equal is listed with what it holds', async () => {
  const { audit, writer } = await auditWorld(world(), 450);
  expect(await why(writer.store)).toBe('not audited yet');
  expect(await safe(writer.store)).toEqual([]);
  await audit();
  expect(await why(writer.store)).toBeNull();
  const jobs = await safe(writer.store);
  expect(idsOf(jobs)).toEqual(upTo(450));
  const log = world().master.jobs.get(7)?.log ?? '';
  expect(jobs.find(({ externalId }) => externalId === '7')).toEqual({
    externalId: '7',
    endAt: expect.any(Number),
    results: 3,
    logBytes: log.length,
  });
});

test('what ended later than asked for is not listed', async () => {
  const { audit, writer } = await auditWorld(world(), 20);
  await audit();
  const third = (await safe(writer.store)).find(({ externalId }) => externalId === '3');
  expect(idsOf(await safe(writer.store, third?.endAt))).toEqual([1, 2]);
});

test('T-16: nothing is listed that anything is left to say against', async () => {
  const { audit, writer, master, sync } = await auditWorld(world(), 10);
  const { sql, logDir } = writer.store;
  openJob(master, 11);
  Object.assign(addJob(master, 12), { log: null });
  Object.assign(addJob(master, 13), { suites: [], tests: [] });
  await sync();
  const source = await getSyncState(writer, 'lab');
  await sql.run("UPDATE job SET detail_removed_at = 1 WHERE external_id = '3'");
  const note = { stage: 'case', externalId: '4', path: 'tests/', reason: 'odd', raw: '?' } as const;
  await quarantine(writer, source?.id ?? 0, [note], 1);
  const logOf = async (id: number) => {
    const row = await sql.get<{ hash: Buffer }>(
      'SELECT hash FROM log WHERE id = (SELECT log_id FROM job WHERE external_id = ?)',
      String(id),
    );
    return logPath(logDir, row?.hash ?? Buffer.alloc(32));
  };
  rmSync(await logOf(5));
  writeFileSync(await logOf(6), '');
  writeFileSync(await logOf(7), 'not a log at all, but as long as one may be, more or less');
  await audit();
  // An audit reads again what no sync waits for.
  await sql.run("UPDATE job SET settled = 0 WHERE external_id = '2'");
  expect(idsOf(await safe(writer.store))).toEqual([1, 8, 9, 10]);
});

test('what is not on the source any more, or changed since the audit, is not listed', async () => {
  const { audit, writer, master, spoil, later } = await auditWorld(world(), 10);
  deleteJobs(master, 3);
  await audit();
  expect(idsOf(await safe(writer.store))).not.toContain(3);
  await spoil(5);
  later(24);
  expect(idsOf(await safe(writer.store))).toEqual([1, 2, 4, 6, 7, 8, 9, 10]);
  await audit();
  expect(idsOf(await safe(writer.store))).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10]);
});

test('nothing of a source with gaps or an alarm is safe', async () => {
  const { audit, look, writer, master, lose } = await auditWorld(world(), 10);
  await lose(3);
  await look();
  expect(await why(writer.store)).toBe('the last audit has left gaps');
  await audit();
  expect(await why(writer.store)).toBeNull();
  deleteJobs(master, ...upTo(10));
  await audit();
  expect(await why(writer.store)).toMatch(/alarmed: 10 of 10 jobs/);
});
