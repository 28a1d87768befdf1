/** No answer about histories, comparisons and figures grows without end. */
import { expect, test } from 'vitest';
import type { SuiteRecord } from '#schema/records.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { getCasesAt, getMeasurements } from '#store/case-place.ts';
import { countFlakyRuns } from '#store/flaky-runs.ts';
import { listStats } from '#store/stats.ts';
import { getTestHistory } from '#store/test-history.ts';
import type { Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const TEST = { project: 'mainline', suite: 'smoke', name: 'boot' };
const NO_LIMITS = { runs: 1_000, points: 1_000, cases: 1_000 };

function suiteOf(names: readonly string[]): SuiteRecord {
  return {
    externalId: 1,
    name: '0_smoke',
    isSteps: false,
    cases: names.map((name, externalId) => caseOf({ externalId, name })),
  };
}

/** Six runs of which the newest two have another shape. */
async function addRuns(writer: Writer): Promise<void> {
  for (let number = 1; number <= 6; number++) {
    const job = jobOf({ externalId: String(number), submitAt: 1_780_000_000_000_000 + number * 60_000_000 });
    await write(writer, 'alpha', changeOf(job, [suiteOf(number > 4 ? ['boot', 'login'] : ['boot'])]));
  }
}

test.each([
  ['runs', { runs: 4 }, 4],
  ['points', { points: 5 }, 5],
  ['cases', { cases: 2 }, 0],
])('a history ends after so many %s, and says so', async (_, limits, count) => {
  const writer = await temporaryWriter();
  await addRuns(writer);

  const found = await getTestHistory(writer.store, ANONYMOUS, TEST, 50, {}, { ...NO_LIMITS, ...limits });

  expect(found.points).toHaveLength(count);
  expect(found.truncated).toBe(true);
  expect((await getTestHistory(writer.store, ANONYMOUS, TEST, 50, {}, NO_LIMITS)).truncated).toBe(false);
});

test('a name that no run has is known not to be there without reading runs', async () => {
  const writer = await temporaryWriter();
  await addRuns(writer);
  const before = writer.store.statementCount();

  const found = await getTestHistory(
    writer.store,
    ANONYMOUS,
    { ...TEST, name: 'absent' },
    50,
    {},
    { ...NO_LIMITS, runs: 0 },
  );

  expect(found).toEqual({ points: [], truncated: false });
  expect(writer.store.statementCount() - before).toBeLessThanOrEqual(6);
});

test('runs are counted as long as not too many cases have to be read for it', async () => {
  const { store, ...writer } = await temporaryWriter();
  await addRuns({ store, ...writer });
  const days = { from: 20_600, until: 20_610 };
  const row = await store.sql.get<{ id: number }>("SELECT id FROM test_case WHERE name = 'boot'");
  const test = {
    caseId: row?.id ?? 0,
    deviceTypeId: 1,
    sourceId: null,
    flips: 1,
    suiteId: 1,
    suite: 'smoke',
    set: null,
    name: 'boot',
    deviceType: 'qemu',
    slug: '',
  };
  const count = (maxCases: number) => countFlakyRuns(store, ANONYMOUS, {}, days, [test], maxCases);

  expect(await count(3)).toEqual([6]);
  expect(await count(2)).toEqual([null]);
});

test('more buckets than can be told are refused', async () => {
  const writer = await temporaryWriter();
  await addRuns(writer);
  const { sql } = writer.store;
  const row = await sql.get<{ id: number }>('SELECT id FROM env');
  const days = { from: 1_000, until: 12_000 };
  const values = Array.from({ length: 11_000 }, (_, i) => `(${row?.id}, ${days.from + i}, 1)`);
  await sql.run(`INSERT INTO env_day (env_id, day, complete) VALUES ${values.join(', ')}`);
  const ask = (interval: 'DAY' | 'WEEK') => listStats(writer.store, ANONYMOUS, {}, 'JOBS', [], interval, days);

  await expect(ask('DAY')).rejects.toThrow('More than 10000 buckets');
  expect(await ask('WEEK')).toHaveLength(1_572);
});

test('what only jobs tell is told of so many results', async () => {
  const { store } = await temporaryWriter();
  const places = Array.from({ length: 1_001 }, (_, position) => ({ jobId: 1, ord: 0, position }));

  await expect(getMeasurements(store, ANONYMOUS, places)).rejects.toThrow('1000 are allowed');
  await expect(getCasesAt(store, ANONYMOUS, places)).rejects.toThrow('400 are allowed');
  expect(await getMeasurements(store, ANONYMOUS, places.slice(0, 2))).toEqual([null, null]);
});
