/** Suites whose case names never repeat: the names come back, and the dictionary stays small. */
import { expect, test } from 'vitest';
import type { CaseRecord, TestResult } from '#schema/records.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { getJob } from '#store/job.ts';
import { removeJob } from '#store/remove-job.ts';
import { listJobCases } from '#store/test-case.ts';
import type { Writer } from '#store/writer.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const page = { limit: 100, after: null, before: null, backward: false };

async function count(writer: Writer, what: string): Promise<number> {
  return (await writer.store.sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${what}`))?.n ?? 0;
}

function namesOf(number: number): { set: string | null; name: string; result: TestResult }[] {
  const cases: { set: string | null; name: string; result: TestResult }[] = [
    { set: null, name: 'boot', result: 'PASS' },
    { set: null, name: 'fork', result: number % 3 === 0 ? 'FAIL' : 'PASS' },
  ];
  for (let i = 0; i < 18; i++) {
    cases.push({ set: i % 4 === 0 ? `cpu ${number}\0` : null, name: `pid ${number * 31 + i}`, result: 'PASS' });
  }
  cases.push(
    { set: null, name: `pid ${number * 31}`, result: 'PASS' },
    { set: null, name: `late ${number}`, result: 'SKIP' },
  );
  return cases;
}

function toCases(number: number): CaseRecord[] {
  return namesOf(number).map((c, i) => ({
    ...c,
    externalId: number * 100 + i,
    setExternalId: c.set === null ? null : 7,
    measurement: null,
    unit: '',
    startLogLine: i,
    endLogLine: i + 1,
    loggedAt: null,
    metadata: null,
  }));
}

async function fill(writer: Writer, jobs: number): Promise<void> {
  for (let number = 1; number <= jobs; number++) {
    const job = jobOf({ externalId: String(number), submitAt: 1_780_000_000_000_000 + number * 60_000_000 });
    const suite = { externalId: number, name: '0_noise', isSteps: false, cases: toCases(number) };
    await write(writer, 'alpha', changeOf(job, [suite]));
  }
}

test('every name is given back with its set, its place and its occurrence; what fails and what repeats has an id', async () => {
  const writer = await temporaryWriter();
  await fill(writer, 60);
  const named = await count(writer, 'test_case');
  expect(named).toBeLessThan(256 + 2 * 22 + 22 + 60);
  expect(await count(writer, 'shape WHERE loose > 0 AND env_id IS NOT NULL')).toBeGreaterThan(40);

  for (const number of [1, 30, 59, 60]) {
    const job = await getJob(writer.store, ANONYMOUS, 'alpha', String(number));
    if (!job) throw new Error(`no job ${number}`);
    const { rows } = await listJobCases(writer.store, ANONYMOUS, job.id, {}, page);
    expect(rows.map(({ set, name, result, startLogLine }) => ({ set, name, result, startLogLine }))).toEqual(
      namesOf(number).map((c, i) => ({ ...c, startLogLine: i })),
    );
    const twice = await listJobCases(writer.store, ANONYMOUS, job.id, { name: `pid ${number * 31}` }, page);
    expect(twice.rows.map(({ set, occurrence }) => [set, occurrence])).toEqual([
      [`cpu ${number}\0`, 0],
      [null, 0],
    ]);
  }
});

test('a job that goes takes the names only it has along', async () => {
  const writer = await temporaryWriter();
  await fill(writer, 40);
  const shapes = await count(writer, 'shape');
  const last = await writer.store.sql.get<{ id: number }>("SELECT id FROM job WHERE external_id = '40'");

  await writer.transaction(() => removeJob(writer, last?.id ?? 0));

  expect(await count(writer, 'shape')).toBe(shapes - 1);
});

test('names that come a second time have ids from then on', async () => {
  const writer = await temporaryWriter();
  await fill(writer, 40);
  const job = jobOf({ externalId: '41', submitAt: 1_780_001_000_000_000 });
  const again = { externalId: 41, name: '0_noise', isSteps: false, cases: toCases(40) };
  const loose = await count(writer, 'shape WHERE loose > 0');

  await write(writer, 'alpha', changeOf(job, [again]));

  expect(await count(writer, 'shape WHERE loose > 0')).toBe(loose - 1);
  expect(await count(writer, `test_case WHERE name = 'pid ${40 * 31 + 17}'`)).toBe(1);
});
