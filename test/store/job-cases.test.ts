import { expect, test } from 'vitest';
import type { SuiteRecord, TestResult } from '#schema/records.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { listJobCases } from '#store/test-case.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

function suiteOf(name: string, result: TestResult): SuiteRecord {
  return {
    externalId: 1,
    name,
    isSteps: false,
    cases: [
      {
        externalId: 1,
        name: `case of ${name}`,
        set: null,
        setExternalId: null,
        result,
        measurement: null,
        unit: null,
        startLogLine: null,
        endLogLine: null,
        loggedAt: null,
        metadata: null,
      },
    ],
  };
}

test('suites without the result asked for are not read', async () => {
  const statements: number[] = [];
  for (const green of [1, 30]) {
    const writer = await temporaryWriter();
    const suites = Array.from({ length: green }, (_, i) => suiteOf(`${i}_green`, 'PASS'));
    await write(writer, 'alpha', changeOf(jobOf(), [...suites, suiteOf('red', 'FAIL')]));
    const before = writer.store.statementCount();

    const page = { limit: 50, after: null, before: null, backward: false };
    const { rows } = await listJobCases(writer.store, ANONYMOUS, 1, { result: ['FAIL'] }, page);

    statements.push(writer.store.statementCount() - before);
    expect(rows.map((row) => row.name)).toEqual(['case of red']);
  }
  expect(statements[0]).toBe(statements[1]);
});

test('a page of a suite whose cases are known by then asks for no name, and none asks for each case', async () => {
  const writer = await temporaryWriter();
  const many = (number: number): SuiteRecord => {
    const { cases, ...suite } = suiteOf('0_many', 'PASS');
    const [one = expect.fail('no case')] = cases;
    return {
      ...suite,
      cases: Array.from({ length: 200 }, (_, i) => ({ ...one, externalId: number * 1000 + i, name: `case ${i}` })),
    };
  };
  for (const number of [1, 2]) {
    await write(writer, 'alpha', changeOf(jobOf({ externalId: String(number) }), [many(number)]));
  }
  const statementsOf = async (jobId: number, limit: number) => {
    const before = writer.store.statementCount();
    const page = { limit, after: null, before: null, backward: false };
    const { rows } = await listJobCases(writer.store, ANONYMOUS, jobId, {}, page);
    expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: limit }, (_, i) => `case ${i}`));
    return writer.store.statementCount() - before;
  };

  const first = await statementsOf(1, 200);
  const [small, large] = [await statementsOf(2, 10), await statementsOf(2, 200)];

  expect(first).toBeLessThan(15);
  expect(large).toBe(small);
  expect(large).toBeLessThan(first);
});
