import type { TestResult } from '@/graphql/graphql.ts';
import type { Verdict } from '@/ui/status.tsx';

const VERDICTS: Record<TestResult, Verdict> = {
  PASS: { shape: 'pass', tone: 'pass', word: 'pass' },
  FAIL: { shape: 'fail', tone: 'fail', word: 'fail' },
  SKIP: { shape: 'skipped', tone: 'skipped', word: 'skip' },
  UNKNOWN: { shape: 'unknown', tone: 'unknown', word: 'unknown' },
};

/** A failing step of LAVA's own says nothing about the code: hollow, and never red. */
export function verdictOfCase(result: TestResult, isStep: boolean): Verdict {
  return isStep && result === 'FAIL' ? { shape: 'inc', tone: 'infra', word: 'fail' } : VERDICTS[result];
}
