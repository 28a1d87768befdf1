/** A master that was there long before Basalt: what is new first, its history from the newest down. */
import { expect, test } from 'vitest';
import type { Delta, ReadContext } from '#adapters/adapter.ts';
import { collect, context, idsOf } from '../contract/adapter.ts';
import { addJob, finishJob, openJob, send } from './fake-master.ts';
import { failureOf, lavaWorld, rejectedOf } from './lava-world.ts';

const lava = lavaWorld({ newest: 10 });
const oldestFirst = lavaWorld({ newest: 10, history: 'oldest' });
const ORDERS = [
  ['newest', lava],
  ['oldest', oldestFirst],
] as const;
const all = (to: number) => Array.from({ length: to }, (_, i) => String(i + 1));
const numbers = (deltas: readonly Delta[]) => [...new Set(idsOf(deltas))].sort((a, b) => Number(a) - Number(b));

/** Every look at the clock is ten seconds later. */
function hurrying(): ReadContext {
  let seconds = 0;
  return {
    now: () => {
      seconds += 10;
      return (Date.now() + seconds * 1000) * 1000;
    },
    signal: new AbortController().signal,
  };
}

test('the newest jobs come first, then older ones from the newest down, each once', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 250; id++) addJob(master, id);
  const deltas = await walk();
  const ids = idsOf(deltas).map(Number);

  expect(ids.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, i) => 221 + i));
  expect(ids.slice(30)).toEqual(Array.from({ length: 220 }, (_, i) => 220 - i));
  expect(idsOf(await walk(deltas.at(-1)?.bookmark))).toEqual([]);
});

test('what is left is told, and none at the end', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 60; id++) addJob(master, id);
  const deltas = await walk();
  const left = deltas
    .filter(({ changes }) => changes.length > 0)
    .map(({ changes, left }) => [changes[0]?.job.externalId, left]);

  expect(left).toContainEqual(['30', 29]);
  expect(left.at(-1)).toEqual(['1', 0]);
});

test('the oldest jobs of the past come first where that is wanted, after what is new', async () => {
  const { master, walk } = oldestFirst();
  for (let id = 6; id <= 250; id++) addJob(master, id);
  const deltas = await walk();
  const ids = idsOf(deltas).map(Number);

  expect(ids.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, i) => 221 + i));
  expect(ids.slice(30)).toEqual(Array.from({ length: 220 }, (_, i) => i + 1));
  expect(idsOf(await walk(deltas.at(-1)?.bookmark))).toEqual([]);
});

test.each(ORDERS)('history from the %s rests when it is told to, and goes on from there', async (_, world) => {
  const { master, adapter, walk } = world();
  for (let id = 6; id <= 250; id++) addJob(master, id);
  const first = await collect(adapter.changes(null, { ...context(), rests: () => true }));
  expect(numbers(first)).toHaveLength(30);
  expect(first.at(-1)).toMatchObject({ rests: true });

  let looks = 0;
  const rests = () => ++looks > 1;
  const second = await collect(adapter.changes(first.at(-1)?.bookmark ?? null, { ...context(), rests }));
  expect(numbers(second)).toHaveLength(100);
  expect(second.at(-1)).toMatchObject({ rests: true, left: 120 });

  const third = await walk(second.at(-1)?.bookmark);
  expect(third.at(-1)?.rests).toBeUndefined();
  expect(numbers([...first, ...second, ...third])).toEqual(all(250));
  expect(idsOf([...first, ...second, ...third])).toHaveLength(250);
});

test.each(ORDERS)('from the %s: after any delta a new walk goes on, and no job is left out', async (_, world) => {
  const { master, walk } = world();
  for (let id = 6; id <= 60; id++) addJob(master, id);
  const deltas = await walk();
  for (let n = 0; n < deltas.length; n += 3) {
    const before = deltas.slice(0, n + 1);
    expect(numbers([...before, ...(await walk(before.at(-1)?.bookmark))])).toEqual(all(60));
  }
});

test('jobs that come or finish meanwhile are read before the history is', async () => {
  const { master, adapter } = lava();
  for (let id = 6; id <= 120; id++) addJob(master, id);
  openJob(master, 7);
  const seen: string[] = [];
  for await (const delta of adapter.changes(null, hurrying())) {
    seen.push(...delta.changes.filter(({ job }) => job.state === 'FINISHED').map(({ job }) => job.externalId));
    if (seen.length === 50) {
      addJob(master, 121);
      finishJob(master, 7, new Date(Date.now() - 60_000));
    }
  }

  expect(seen.indexOf('121')).toBeLessThan(seen.indexOf('60'));
  expect(seen.indexOf('7')).toBeLessThan(seen.indexOf('60'));
  expect([...new Set(seen)].sort((a, b) => Number(a) - Number(b))).toEqual(all(121));
});

const LIES = [
  ['gives none of its rows', { count: 20, next: null, previous: null, results: [] }],
  ['says that it is empty', { count: 0, next: null, previous: null, results: [] }],
] as const;

test.each(ORDERS.flatMap(([order, world]) => LIES.map(([name, lie]) => [order, name, world, lie] as const)))(
  'from the %s: a list that %s does not end the history',
  async (order, _, world, lie) => {
    const { master, walk, adapter } = world();
    for (let id = 6; id <= 60; id++) addJob(master, id);
    const deltas: Delta[] = [];
    const ordering = order === 'newest' ? '-id' : 'id';
    master.fault = ({ query }, response) =>
      query.has('id__lt') && query.get('ordering') === ordering && send(response, 200, lie);
    const cause = await failureOf(collect(adapter.changes(null, context()), deltas));
    expect(cause.code).toBe('SERVER_ERROR');
    master.fault = null;

    expect(numbers([...deltas, ...(await walk(deltas.at(-1)?.bookmark))])).toEqual(all(60));
  },
);

test('a master that says that all its lists are empty has no history that ends', async () => {
  const { master, adapter, walk } = lava();
  for (let id = 6; id <= 60; id++) addJob(master, id);
  const deltas: Delta[] = [];
  let isIll = false;
  master.fault = ({ path, query }, response) => {
    isIll ||= query.has('id__lt');
    if (isIll && path.endsWith('/jobs/'))
      return send(response, 200, { count: 0, next: null, previous: null, results: [] });
  };
  const cause = await failureOf(collect(adapter.changes(null, context()), deltas));
  expect(cause.message).toContain('shows no job any more');
  master.fault = null;

  expect(numbers([...deltas, ...(await walk(deltas.at(-1)?.bookmark))])).toEqual(all(60));
});

test('a master that ignores what history is asked by is not read in a circle', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 60; id++) addJob(master, id);
  master.fault = ({ query }, response) => {
    if (!query.has('id__lt')) return;
    const results = [...master.jobs.values()].map(({ row }) => row);
    return send(response, 200, { count: results.length, next: null, previous: null, results });
  };

  expect((await failureOf(walk())).message).toContain('ignored the filter id__lt');
});

test('a record of the history that is not understood is kept, and the others go on', async () => {
  const { master, walk, rowOf } = lava();
  for (let id = 6; id <= 60; id++) addJob(master, id);
  Object.assign(rowOf(20), { state: 'Exploded' });
  const deltas = await walk();

  expect(rejectedOf(deltas).map(({ externalId }) => externalId)).toEqual(['20']);
  expect(numbers(deltas)).toEqual(all(60).filter((id) => id !== '20'));
});

/** That of a job of the master in memory. */
const submittedAt = (id: number) =>
  Date.parse(`2026-05-01T00:0${Math.floor(id / 60)}:00Z`) * 1000 + (id % 60) * 1e6 + 1;
const since = (id: number) => ({ newest: 10, historySince: submittedAt(id) });
const bounded = [
  ['newest', lavaWorld({ ...since(120), history: 'newest' })],
  ['oldest', lavaWorld({ ...since(120), history: 'oldest' })],
] as const;

test.each(bounded)('history from the %s has the bound that was set, and what is new none', async (_, world) => {
  const { master, walk } = world();
  for (let id = 6; id <= 250; id++) addJob(master, id);
  const deltas = await walk();
  expect(numbers(deltas).map(Number)).toEqual(Array.from({ length: 131 }, (_, i) => 120 + i));
  expect(deltas.at(-1)?.left).toBe(0);
  const last = deltas.at(-1)?.bookmark;
  expect(idsOf(await walk(last))).toEqual([]);
  addJob(master, 251);
  expect(idsOf(await walk(last))).toEqual(['251']);
});

test.each(bounded)('a bound among the newest jobs, and one after all, leave no history (%s)', async (_, world) => {
  const { master, walk } = world();
  for (let id = 6; id <= 125; id++) addJob(master, id);
  expect(numbers(await walk())).toEqual(['120', '121', '122', '123', '124', '125']);
  for (let id = 120; id <= 125; id++) master.jobs.delete(id);
  const none = await walk();
  expect(idsOf(none)).toEqual([]);
  addJob(master, 126);
  expect(idsOf(await walk(none.at(-1)?.bookmark))).toEqual(['126']);
});

test('a master that does not know the bound is refused', async () => {
  const { master, walk } = bounded[0][1]();
  for (let id = 6; id <= 250; id++) addJob(master, id);
  master.fault = ({ query }) => {
    query.delete('submit_time__gt');
    return undefined;
  };
  expect(await failureOf(walk())).toMatchObject({ code: 'UNSUPPORTED' });
});
