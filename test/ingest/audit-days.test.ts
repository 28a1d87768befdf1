/** What an audit finds is told by the day that jobs were submitted on, to each of the jobs he sees. */
import { expect, test } from 'vitest';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { countAuditDays, listAuditDays } from '#store/audit-day.ts';
import { getSyncState } from '#store/write-source.ts';
import { addJob } from '../adapters/fake-master.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { type AuditWorld, auditWorld, deleteJobs, EVERYTHING, upTo } from './audit-world.ts';

const world = lavaWorld();
const MARCH = 20_513;

/** Job `id` was submitted on 1 March, a day later for every ten. */
async function marchWorld(jobs: number) {
  const lava = world();
  for (const id of upTo(jobs)) addJob(lava.master, id, { submit_time: `2026-03-${day(id)}T10:00:00Z` });
  return auditWorld(lava, 0);
}

const day = (id: number) => String(1 + Math.floor((id - 1) / 10)).padStart(2, '0');

async function daysOf({ writer }: AuditWorld, viewer: Viewer = EVERYTHING, isOdd = false) {
  const id = (await getSyncState(writer, 'lab'))?.id ?? 0;
  const page = { limit: 100, after: null, before: null, backward: false };
  const { rows } = await listAuditDays(writer.store, viewer, id, { isOdd }, page);
  return { rows, total: await countAuditDays(writer.store, viewer, id) };
}

type Rows = Awaited<ReturnType<typeof daysOf>>['rows'];
const sum = (rows: Rows, name: keyof Rows[number]) => rows.reduce((all, row) => all + row[name], 0);

const NOTHING = { missing: 0, changed: 0, repaired: 0, gone: 0, deleted: 0, hidden: 0 };

test('each day says what was missing or differed on it, newest first, and they add up to the audit', async () => {
  const of = await marchWorld(35);
  await of.lose(5, 6, 35);
  await of.spoil(17);
  const found = await of.look();
  const { rows, total } = await daysOf(of);
  expect(rows.map((row) => row.day)).toEqual([MARCH + 3, MARCH + 2, MARCH + 1, MARCH]);
  expect(rows).toMatchObject([
    { ...NOTHING, sourceCount: 5, storeCount: 4, missing: 1 },
    { ...NOTHING, sourceCount: 10, storeCount: 10 },
    { ...NOTHING, sourceCount: 10, storeCount: 10, changed: 1 },
    { ...NOTHING, sourceCount: 10, storeCount: 8, missing: 2 },
  ]);
  expect([sum(rows, 'sourceCount'), sum(rows, 'storeCount')]).toEqual([found.sourceCount, found.storeCount]);
  expect(total).toEqual({ count: 4, odd: 3, first: MARCH });
  expect((await daysOf(of, EVERYTHING, true)).rows.map((row) => row.day)).toEqual([MARCH + 3, MARCH + 1, MARCH]);

  await of.audit();
  const repaired = (await daysOf(of)).rows;
  expect(repaired.map((row) => [row.sourceCount, row.storeCount, row.repaired])).toEqual([
    [5, 5, 1],
    [10, 10, 0],
    [10, 10, 1],
    [10, 10, 2],
  ]);
});

test('slices of a round add up to one', async () => {
  const of = await marchWorld(250);
  await of.lose(50, 249);
  of.master.longestPage = 20;
  expect(await of.slice()).toBeNull();
  expect((await daysOf(of)).rows).toEqual([]);
  const result = await of.slice();
  const { rows } = await daysOf(of);
  expect(rows).toHaveLength(25);
  expect(rows.every((row) => row.sourceCount === 10 && row.storeCount === 10)).toBe(true);
  expect([sum(rows, 'sourceCount'), sum(rows, 'repaired')]).toEqual([result?.sourceCount, 2]);
});

test('deleted and hidden jobs are told apart on their days, and a hidden one is nobody’s business', async () => {
  const of = await marchWorld(40);
  await of.audit();
  deleteJobs(of.master, 3, 4);
  of.master.concealed.add(15);
  const odd = async (viewer: Viewer) =>
    (await daysOf(of, viewer, true)).rows.map(
      ({ checkedAt: _, missing: _m, changed: _c, repaired: _r, ...row }) => row,
    );
  await of.audit();
  expect(await odd(EVERYTHING)).toEqual([
    { day: MARCH + 1, sourceCount: 9, storeCount: 10, gone: 1, deleted: 0, hidden: 1 },
    { day: MARCH, sourceCount: 8, storeCount: 10, gone: 2, deleted: 0, hidden: 0 },
  ]);
  const told = [{ day: MARCH, sourceCount: 8, storeCount: 10, gone: 2, deleted: 0, hidden: 0 }];
  expect(await odd(ANONYMOUS)).toEqual(told);
  expect(await of.shownToVisitors()).toMatchObject({ sourceCount: 37, storeCount: 39, goneAtSource: 2 });

  of.later(24);
  await of.audit();
  expect(await odd(EVERYTHING)).toEqual([
    { day: MARCH + 1, sourceCount: 9, storeCount: 10, gone: 1, deleted: 0, hidden: 1 },
    { day: MARCH, sourceCount: 8, storeCount: 10, gone: 2, deleted: 2, hidden: 0 },
  ]);
  of.later(24);
  await of.audit();
  expect(await odd(EVERYTHING)).toMatchObject([{ hidden: 1 }, { gone: 2, deleted: 2 }]);
  expect(await odd(ANONYMOUS)).toEqual([{ ...told[0], deleted: 2 }]);
});

test('a record that is not understood is counted on the day of the job before it', async () => {
  const of = await marchWorld(12);
  const job = of.master.jobs.get(12);
  if (job) job.row.state = 7;
  await of.lose(12);
  await of.look();
  expect((await daysOf(of)).rows).toMatchObject([
    { day: MARCH + 1, sourceCount: 2, storeCount: 1, missing: 1 },
    { day: MARCH, sourceCount: 10 },
  ]);
});
