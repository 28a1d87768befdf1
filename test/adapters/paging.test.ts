/** Lists that change while they are walked, clocks that are wrong: no job is left out, none is read twice. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idsOf } from '../contract/adapter.ts';
import { addJob, finishJob, openJob } from './fake-master.ts';
import { casesOf, changeOf, failureOf, lavaWorld } from './lava-world.ts';

const lava = lavaWorld();
const HOUR = 3_600_000;
const numbers = (ids: readonly string[]) => ids.map(Number).sort((a, b) => a - b);

test('L-01, T-06: jobs that come and go between two pages leave out none of the others', async () => {
  const { master, walk } = lava();
  master.longestPage = 5;
  const happening = fc.record({ at: fc.nat(12), comes: fc.boolean(), which: fc.nat(60) });
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 8 }), async (happenings) => {
      master.jobs.clear();
      for (let id = 1; id <= 30; id++) addJob(master, id, {}, 1);
      let pages = 0;
      master.fault = ({ path }) => {
        if (!path.endsWith('/jobs/')) return undefined;
        pages += 1;
        for (const { comes, which } of happenings.filter(({ at }) => at === pages)) {
          const ids = [...master.jobs.keys()];
          if (comes) addJob(master, Math.max(...ids) + 1, {}, 1);
          else master.jobs.delete(ids[which % ids.length] ?? 0);
        }
        return undefined;
      };
      const first = await walk();
      master.fault = null;
      const given = numbers([...idsOf(first), ...idsOf(await walk(first.at(-1)?.bookmark))]);
      expect(given).toEqual([...new Set(given)]);
      for (const id of master.jobs.keys()) expect(given).toContain(id);
    }),
    { numRuns: 25 },
  );
});

test('L-01: a job that is moved off its page, because another was deleted, is looked for again at once', async () => {
  const { master, walk } = lava();
  addJob(master, 1_000);
  const first = await walk();
  master.longestPage = 5;
  for (let id = 101; id <= 120; id++) addJob(master, id);
  master.fault = ({ query }) => {
    if (query.get('offset') === '5') master.jobs.delete(1);
    return undefined;
  };
  const second = await walk(first.at(-1)?.bookmark, 900);
  master.fault = null;
  const third = await walk(second.at(-1)?.bookmark, 960);
  expect(idsOf(second)).not.toContain('101');
  for (let id = 101; id <= 120; id++) expect([...idsOf(second), ...idsOf(third)]).toContain(String(id));
});

test('L-04, L-06, T-07: five hundred jobs that end in the same second are all read, beside as many that have no end', async () => {
  const { master, walk } = lava();
  addJob(master, 5_000);
  const first = await walk();
  master.longestPage = 50;
  const together = { end_time: '2026-05-01T00:30:00Z' };
  for (let id = 1_001; id <= 1_500; id++) addJob(master, id, together, 0);
  for (let id = 2_001; id <= 2_500; id++) openJob(master, id, 'Submitted');
  const second = await walk(first.at(-1)?.bookmark, 900);
  const finished = second.flatMap(({ changes }) => changes.filter(({ job }) => job.state === 'FINISHED'));
  const ids = numbers(finished.map(({ job }) => job.externalId));
  expect(ids).toEqual(Array.from({ length: 500 }, (_, i) => 1_001 + i));
});

test('L-03, T-08: a job that ends days after others with far higher numbers is found', async () => {
  const { master, walk } = lava();
  openJob(master, 10);
  let from = (await walk()).at(-1)?.bookmark;
  for (let id = 9_900; id <= 10_000; id++)
    addJob(master, id, { submit_time: '2026-05-03T00:00:00Z', end_time: '2026-05-03T00:00:00Z' }, 0);
  from = (await walk(from, 900)).at(-1)?.bookmark;
  finishJob(master, 10, new Date('2026-05-04T00:00:00Z'));
  expect(idsOf(await walk(from, 1_800))).toEqual(['10']);
});

test.each([
  ['two hours behind', -2 * HOUR],
  ['two hours ahead', 2 * HOUR],
])('L-21, T-10: of a master whose clock is %s every job is read once', async (_, skew) => {
  const { master, walk, adapter } = lava();
  const ended = (ms: number) => ({ end_time: new Date(Date.now() + skew + ms).toISOString() });
  master.fault = (_asked, response) => {
    response.setHeader('date', new Date(Date.now() + skew).toUTCString());
    return undefined;
  };
  for (const [i, minutes] of [150, 100, 50, 20, 5].entries()) addJob(master, 6 + i, ended(-minutes * 60_000));
  const first = await walk();
  expect(numbers(idsOf(first))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  addJob(master, 11, ended(-30_000));
  const second = await walk(first.at(-1)?.bookmark, 900);
  expect(idsOf(second)).toEqual(['11']);
  expect(idsOf(await walk(second.at(-1)?.bookmark, 1_800))).toEqual([]);
  const { clockOffsetMs } = await adapter.probe({ now: () => 0, signal: new AbortController().signal });
  expect(Math.abs((clockOffsetMs ?? 0) - skew)).toBeLessThan(2_000);
});

test('L-21, T-10: a job that ends in the year 2099 is kept, and neither loses others nor has them read again', async () => {
  const { master, walk } = lava();
  const justNow = { end_time: new Date(Date.now() - 600_000).toISOString() };
  for (let id = 6; id <= 10; id++) addJob(master, id, justNow);
  addJob(master, 11, { end_time: '2099-01-01T00:00:00Z' });
  const first = await walk();
  expect(changeOf(first, '11')?.job.endAt).toBe(Date.parse('2099-01-01T00:00:00Z') * 1000);
  const second = await walk(first.at(-1)?.bookmark, 900);
  const third = await walk(second.at(-1)?.bookmark, 1_800);
  const again = [...idsOf(second), ...idsOf(third)].filter((id) => id !== '11');
  expect(again).toEqual([]);
  openJob(master, 12);
  const fourth = await walk(third.at(-1)?.bookmark ?? second.at(-1)?.bookmark, 1_860);
  finishJob(master, 12, new Date());
  expect(idsOf(await walk(fourth.at(-1)?.bookmark, 1_920))).toContain('12');
});

test('L-07: cases are asked for in the order of their numbers; what comes in another is not taken', async () => {
  const { master, walk } = lava();
  addJob(master, 6, {}, 2_500);
  const first = await walk();
  expect(casesOf(changeOf(first, '6')).map(({ externalId }) => externalId)).toEqual(
    Array.from({ length: 2_500 }, (_, i) => 6_000 + i),
  );
  const asked = master.asked.filter(({ path }) => /\/jobs\/\d+\/(tests|suites)\/$/.test(path));
  expect(asked.every(({ query }) => query.get('ordering') === 'id')).toBe(true);
  addJob(master, 7);
  master.fault = ({ path, query }) => {
    if (path.endsWith('/tests/')) query.delete('ordering');
    return undefined;
  };
  expect((await failureOf(walk(first.at(-1)?.bookmark))).code).toBe('UNSUPPORTED');
});

test('L-10: the results of a job that has not finished are not taken for all it has', async () => {
  const { master, walk } = lava();
  addJob(master, 6, { state: 'Running', health: 'Unknown', end_time: null }, 2);
  const first = await walk();
  expect(changeOf(first, '6')).toMatchObject({ results: null, settled: false });
  addJob(master, 6, {}, 5);
  expect(casesOf(changeOf(await walk(first.at(-1)?.bookmark), '6'))).toHaveLength(5);
});

test('L-63: numbers beyond 32 bits are numbers', async () => {
  const { master, walk } = lava();
  const id = 3_000_000_017;
  addJob(master, id);
  const given = changeOf(await walk(), String(id));
  expect(casesOf(given).map(({ externalId }) => externalId)).toEqual([id * 1000, id * 1000 + 1, id * 1000 + 2]);
});
