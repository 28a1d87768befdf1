import Link from 'next/link';
import type { ResultAtFragment, TestResult } from '@/graphql/graphql.ts';
import { jobPath } from '@/paths.ts';
import { Status, type Verdict } from '@/ui/status.tsx';
import { jobsAddress } from './jobs-address.ts';

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

/** A comparison of logs reads 5,000 lines of each: it begins near results that lie behind these. */
const NEAR = 4_000;

/** Both logs side by side. */
export function BothLogs({ base, target }: { base: ResultAtFragment | null; target: ResultAtFragment | null }) {
  if (!base || !target) return null;
  const jobOf = ({ job }: ResultAtFragment) => `${job.source.slug}/${job.externalId}`;
  const from = (line: number | null) => (line !== null && line > NEAR ? line - NEAR / 2 : 0);
  const href = jobsAddress({
    base: jobOf(base),
    target: jobOf(target),
    baseFrom: from(base.startLogLine),
    targetFrom: from(target.startLogLine),
    show: 'PASS_TO_FAIL',
  });
  return (
    <Link className="link" prefetch={false} href={href}>
      both
    </Link>
  );
}
