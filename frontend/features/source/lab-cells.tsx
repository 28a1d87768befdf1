import Link from 'next/link';
import type { LabRowFragment } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE } from '@/lava.ts';
import { devicesPath, jobsPath, labPath } from '@/paths.ts';
import { verdictOfSource } from '@/ui/coverage.ts';
import { roughly } from '@/ui/duration.ts';
import { Figure } from '@/ui/figure.tsx';
import { count, share } from '@/ui/number.ts';
import { Sparkline } from '@/ui/sparkline.tsx';
import { Status } from '@/ui/status.tsx';
import { activityOf } from './activity.ts';

type Lab = { lab: LabRowFragment };

export function LabName({ lab: { slug, name } }: Lab) {
  return (
    <th scope="row">
      <Link href={labPath(slug)} prefetch={false} data-open>
        {slug}
      </Link>
      {name !== slug && <span className="sub">{name}</span>}
    </th>
  );
}

export function CopyState({ lab: { status, lagSeconds } }: Lab) {
  return (
    <>
      <Status {...verdictOfSource(status)} />{' '}
      <span className="faint" data-measure>
        {lagSeconds !== null && (status === 'HEALTHY' ? roughly(lagSeconds) : `${roughly(lagSeconds)} behind`)}
      </span>
    </>
  );
}

export function JobsToday({ lab: { slug, activity } }: Lab) {
  const { today } = activityOf(activity);
  const midnight = activity.at(-1)?.date;
  return <Figure value={today} href={jobsPath({ lab: slug, ended: midnight, checks: '1' })} />;
}

/** The share of jobs of 14 days that the lab failed, and its course. */
export function InfraCells({ lab: { slug, activity }, isSecondary }: Lab & { isSecondary?: boolean }) {
  const { ended, infra, rates } = activityOf(activity);
  const isHigh = ended >= 20 && infra / ended > 0.05;
  return (
    <>
      <td className={isSecondary ? 'p2 num' : 'num'}>
        {ended === 0 ? (
          <span className="faint">no jobs</span>
        ) : infra === 0 ? (
          <span className="faint">0</span>
        ) : (
          <Link
            className={isHigh ? 'infra strong' : undefined}
            href={jobsPath({ lab: slug, ended: activity[0]?.date, checks: '1', class: INFRASTRUCTURE })}
            prefetch={false}
            data-count={infra}
          >
            {share(infra, ended)}
          </Link>
        )}
      </td>
      <td className="p2">
        {ended > 0 && (
          <Sparkline
            values={rates}
            tone={isHigh ? 'infra' : undefined}
            label={`infrastructure failures by day, ${share(infra, ended)} of ${count(ended)} jobs in 14 days`}
          />
        )}
      </td>
    </>
  );
}

export function Devices({ lab: { slug, deviceCount }, bad }: Lab & { bad: number }) {
  return (
    <>
      {bad > 0 && (
        <>
          <Link className="infra" href={devicesPath({ lab: slug, health: 'Bad' })} prefetch={false} data-count={bad}>
            {bad} Bad
          </Link>{' '}
          <span className="faint">of</span>{' '}
        </>
      )}
      <Figure value={deviceCount} href={devicesPath({ lab: slug })} />
    </>
  );
}
