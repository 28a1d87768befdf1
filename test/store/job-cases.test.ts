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
