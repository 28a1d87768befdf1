import Link from 'next/link';
import type { ResultAtFragment, TestResult } from '@/graphql/graphql.ts';
import { jobPath } from '@/paths.ts';
import { Status, type Verdict } from '@/ui/status.tsx';

const VERDICTS: Record<TestResult, Verdict> = {
  PASS: { shape: 'pass', tone: 'pass', word: 'pass' },
  FAIL: { shape: 'fail', tone: 'fail', word: 'fail' },
  SKIP: { shape: 'skipped', tone: 'skipped', word: 'skip' },
  UNKNOWN: { shape: 'unknown', tone: 'unknown', word: 'unknown' },
};

export function Result({ of }: { of: TestResult | null }) {
  return of ? <Status {...VERDICTS[of]} /> : <span className="faint">not run</span>;
}

/** "alpha/87 L175", or without the lab where the column says it. */
export function LogLink({ at, lab = true }: { at: ResultAtFragment | null; lab?: boolean }) {
  if (!at) return null;
  return (
    <Link className="link mono" prefetch={false} href={logHref(at)}>
      {lab && `${at.job.source.slug}/`}
      {at.job.externalId}
      {at.startLogLine !== null && ` L${at.startLogLine}`}
    </Link>
  );
}

/** The job at the line of its log that the case names, if it names one. */
export function logHref({ job, startLogLine }: ResultAtFragment): string {
  const path = jobPath(job.source.slug, job.externalId);
  return startLogLine === null ? path : `${path}?line=${startLogLine}#L${startLogLine}`;
}
