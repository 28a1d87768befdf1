import type { TestResult } from '@/graphql/graphql.ts';
import type { Verdict } from '@/ui/status.tsx';

const VERDICTS: Record<TestResult, Verdict> = {
  PASS: { shape: 'pass', tone: 'pass', word: 'pass' },
  FAIL: { shape: 'fail', tone: 'fail', word: 'fail' },
  SKIP: { shape: 'skipped', tone: 'skipped', word: 'skip' },
  UNKNOWN: { shape: 'unknown', tone: 'unknown', word: 'unknown' },
};

export function verdictOfCase(result: TestResult): Verdict {
  return VERDICTS[result];
}
