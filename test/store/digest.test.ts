import { expect, test } from 'vitest';
import { GrowingCases } from '#adapters/case-list.ts';
import type { CaseRecord, SuiteRecord } from '#schema/records.ts';
import { packJob } from '#store/write-job.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter } from './temporary.ts';

/** Lone surrogates at either end of a name must not become pairs where texts are joined. */
const ODD = ['\ud800', 'x\udc00', '', '1', 'a:b', '\ud83d\ude00', '\ud83d'];

function caseOf(i: number): CaseRecord {
  return {
    externalId: i + 1,
    name: `${ODD[i % 7]}n${i}${ODD[(i * 3) % 7]}`,
    set: i % 5 ? null : (ODD[i % 7] ?? ''),
    setExternalId: null,
    result: (['PASS', 'FAIL', 'SKIP', 'UNKNOWN'] as const)[i % 4] ?? 'UNKNOWN',
    measurement: null,
    unit: '',
    startLogLine: i,
    endLogLine: i + 1,
    loggedAt: 1_700_000_000_000_000 + i,
    metadata: i % 3 ? null : `case: ${i}\n`,
  };
}

/** As the first version of the store made them: a job that is stored is unchanged when it is read again. */
test.each([
  [20_000, '628ca793a6b5108ff446f3a409bfb699', '16404d34f1793e5ecf87d19e26c284bd'],
  [20_001, '530f6b35cea098fbb9bf2cf9bd578215', 'c19ab853148425117d887d631a2c9c5b'],
  [70_000, 'a2f87bbe59ea49970804bf5571c1386f', 'ed9d6d2c80ea90f3ef745843ad2a9b2e'],
])('the digests of a job of %i cases never change, be they held as they came or packed', async (size, job, list) => {
  const writer = await temporaryWriter();
  const plain = Array.from({ length: size }, (_, i) => caseOf(i));
  const growing = new GrowingCases();
  for (const one of plain) {
    growing.add(one);
    if (one.externalId % 4096 === 0) growing.pack();
  }
  for (const cases of [plain, growing.list()]) {
    const suite: SuiteRecord = { externalId: 1, name: '0_big', isSteps: false, cases };
    const packed = packJob(writer, changeOf(jobOf(), [suite]));
    expect([packed.digest.toString('hex'), packed.suites[0]?.shapeHash.toString('hex')]).toEqual([job, list]);
  }
});
