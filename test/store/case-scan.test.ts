/** Results over many jobs: lists and their totals say the same. */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import type { CaseRecord, JobChange, SuiteRecord, TestResult } from '#schema/records.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { countTestCases, listTestCases, type ScanFilter } from '#store/case-scan.ts';
import { retire } from '#store/retention.ts';
import { countJobCases, listJobCases } from '#store/test-case.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const RESULTS: TestResult[] = ['PASS', 'FAIL', 'SKIP', 'UNKNOWN'];
const PAGE = { limit: 1000, after: null, before: null, backward: false };
const DAY = 86_400_000_000;
const BASE = 1_780_000_000_000_000;

type Job = { isPublic: boolean; healthCheck: boolean; old: boolean; suites: { name: string; results: TestResult[] }[] };

const jobs: fc.Arbitrary<Job[]> = fc.array(
  fc.record({
    isPublic: fc.constantFrom(true, true, false),
    healthCheck: fc.constantFrom(false, false, true),
    old: fc.constantFrom(false, false, true),
    suites: fc.array(
      fc.record({
        name: fc.constantFrom('lava', '0_smoke', '1_smoke', 'smoke', '0_0_smoke', '2_net'),
        results: fc.array(fc.constantFrom(...RESULTS), { maxLength: 4 }),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 5 },
);

const filters: fc.Arbitrary<ScanFilter> = fc.record({
  suite: fc.constantFrom(null, null, 'lava', 'smoke', '0_smoke', '0_0_smoke', 'none'),
  result: fc.constantFrom<TestResult[] | null>(null, ['FAIL'], ['PASS', 'SKIP'], ['UNKNOWN'], []),
  job: fc.constantFrom({}, { includeHealthChecks: true }, { project: 'mainline', build: 'v1' }),
});

function changeFrom(job: Job, number: number): JobChange {
  const suites = job.suites.map(
    ({ name, results }, ord): SuiteRecord => ({
      externalId: number * 10 + ord,
      name,
      isSteps: name === 'lava',
      cases: results.map(
        (result, i): CaseRecord => ({
          ...{ externalId: number * 100 + ord * 10 + i, name: `case${i % 3}`, set: null, setExternalId: null, result },
          ...{ measurement: null, unit: null, startLogLine: null, endLogLine: null, loggedAt: null, metadata: null },
        }),
      ),
    }),
  );
  const submitAt = BASE + number * 1_000_000 - (job.old ? 100 * DAY : 0);
  const { isPublic, healthCheck } = job;
  return changeOf(jobOf({ externalId: String(number), submitAt, isPublic, healthCheck }), suites);
}

test('the total is what the list holds, for every filter, before and after retention', async () => {
  const run = async (all: Job[], filter: ScanFilter) => {
    const writer = await temporaryWriter();
    for (const [i, job] of all.entries()) await write(writer, 'alpha', changeFrom(job, i + 1));
    for (const retired of [false, true]) {
      if (retired) await retire(writer, 1, { results: 50 }, () => BASE + DAY);
      const { rows } = await listTestCases(writer.store, ANONYMOUS, filter, PAGE);
      expect(await countTestCases(writer.store, ANONYMOUS, filter)).toBe(rows.length);
    }
  };
  await fc.assert(fc.asyncProperty(jobs, filters, run), { numRuns: inject('postgres') ? 10 : 60 });
});

test('steps of a master are no tests: they are told when their suite is named, and among the cases of their job', async () => {
  const writer = await temporaryWriter();
  const suites = [
    { name: 'lava', results: ['PASS', 'FAIL'] as TestResult[] },
    { name: '0_smoke', results: ['PASS'] as TestResult[] },
  ];
  await write(writer, 'alpha', changeFrom({ isPublic: true, healthCheck: false, old: false, suites }, 1));
  const over = async (filter: ScanFilter) =>
    (await listTestCases(writer.store, ANONYMOUS, filter, PAGE)).rows.map((row) => `${row.suite} ${row.result}`);

  expect(await over({})).toEqual(['0_smoke PASS']);
  expect(await over({ result: ['FAIL'] })).toEqual([]);
  expect(await over({ result: ['PASS'], job: { hasFailures: false } })).toEqual(['0_smoke PASS']);
  expect(await over({ result: ['FAIL'], job: { hasFailures: false } })).toEqual([]);
  expect(await over({ suite: 'lava', result: ['FAIL'] })).toEqual(['lava FAIL']);
  expect((await listJobCases(writer.store, ANONYMOUS, 1, {}, PAGE)).rows).toHaveLength(3);
  expect(await countJobCases(writer.store, ANONYMOUS, 1, {})).toBe(3);
});

test('a name needs the names: there is no total', async () => {
  const { store } = await temporaryWriter();
  expect(await countTestCases(store, ANONYMOUS, { name: 'case1' })).toBeNull();
});
