import Link from 'next/link';
import type { JobFaultsFragment, KernelFaultType } from '@/graphql/graphql.ts';
import { failurePath, linePath } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { Status } from '@/ui/status.tsx';
import { Tag } from '@/ui/tag.tsx';

const WORDS: Record<KernelFaultType, string> = {
  PANIC: 'Panic',
  OOPS: 'Oops',
  NULL_DEREFERENCE: 'NULL dereference',
  BUG: 'BUG',
  KASAN: 'KASAN',
  KFENCE: 'KFENCE',
  UBSAN: 'UBSAN',
  LOCKUP: 'Lockup',
  HUNG_TASK: 'Hung task',
  RCU_STALL: 'RCU stall',
  LOCKDEP: 'Lockdep',
  WARNING: 'Warning',
};
const FUNCTIONS = 5;

type Props = { job: JobFaultsFragment; lab: string; externalId: string; hasLog: boolean };

/** What the kernel said in the log: the line, the innermost functions, and the jobs that had the same. */
export function KernelFaults({ job, lab, externalId, hasLog }: Props) {
  const { kernelFaults, failureGroups } = job;
  if (kernelFaults.length === 0) return null;
  // By the line, where its group was merged into another.
  const jobsOf = ({ fingerprint, firstLine }: (typeof kernelFaults)[number]) =>
    failureGroups.find(({ group, line }) => group.fingerprint === fingerprint || line === firstLine)?.group.count;
  return (
    <Section
      id="kernel"
      title="Kernel"
      caption={`${plural(kernelFaults.length, 'fault')} in the log`}
      total={kernelFaults.length}
    >
      <ul className="list">
        {kernelFaults.map((fault) => (
          <li key={fault.fingerprint}>
            <Status
              shape={fault.isFatal ? 'fail' : 'warn'}
              tone={fault.isFatal ? 'fail' : 'warn'}
              word={WORDS[fault.type]}
            />
            {hasLog ? (
              <Link className="link mono nowrap" href={linePath(lab, externalId, fault.firstLine)} prefetch={false}>
                line {fault.firstLine}
              </Link>
            ) : (
              <span className="mono faint nowrap">line {fault.firstLine}</span>
            )}
            <span>
              <Measure>{fault.summary}</Measure>{' '}
              {fault.count > 1 && (
                <Tag>
                  <Measure>{fault.count} times</Measure>
                </Tag>
              )}{' '}
              <span className="mono dim">{fault.functions.slice(0, FUNCTIONS).join(' < ')}</span>
            </span>
            <Link
              className="link n"
              href={failurePath(fault.fingerprint)}
              prefetch={false}
              data-count={jobsOf(fault) ?? 1}
            >
              {plural(jobsOf(fault) ?? 1, 'job')}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
