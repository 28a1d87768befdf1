/**
 * What the stores of earlier versions in this folder hold: written by the code of their commit, in this order, with
 * `node test/store/older/write.ts FILE`.
 */
import type { JobChange, TestResult } from '#schema/records.ts';
import { changeOf, jobOf } from '../arbitrary.ts';

/** Two jobs each share their second and come in the wrong order, and each suite fails now and then. */
export function olderJobs(): JobChange[] {
  return [2, 1, 4, 3, 12, 11, 6, 5].map((number) => {
    const submitAt = 1_780_000_000_000_000 + Math.ceil(number / 2) * 3_600_000_000;
    const results: TestResult[] = ['PASS', number % 2 === 0 ? 'FAIL' : 'PASS', number % 3 === 0 ? 'SKIP' : 'PASS'];
    const job = jobOf({
      externalId: String(number),
      submitAt,
      startAt: submitAt + 5_000_000,
      endAt: submitAt + 65_000_000,
      isPublic: number < 10,
      metadata: { 'git-tree': 'mainline', 'git-describe': `v${number}`, 'git-branch': 'master' },
    });
    const cases = results.map((result, i) => ({
      externalId: number * 10 + i,
      name: `case${i}`,
      set: i === 2 ? 'net' : null,
      setExternalId: i === 2 ? 5 : null,
      result,
      measurement: i === 0 ? '1.5000000000' : null,
      unit: i === 0 ? 'seconds' : '',
      startLogLine: 10 * i,
      endLogLine: 10 * i + 3,
      loggedAt: submitAt + i,
      metadata: null,
    }));
    const steps = { externalId: number + 500, name: 'lava', isSteps: true, cases: cases.slice(0, 1) };
    return changeOf(job, [steps, { externalId: number, name: '0_smoke', isSteps: false, cases }]);
  });
}
