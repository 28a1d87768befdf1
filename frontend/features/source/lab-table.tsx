import Link from 'next/link';
import type { LabRowFragment } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE } from '@/lava.ts';
import { devicesPath, jobsPath, labPath } from '@/paths.ts';
import { verdictOfSource } from '@/ui/coverage-chip.tsx';
import { roughly } from '@/ui/duration.ts';
import { Figure } from '@/ui/figure.tsx';
import { count, share } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Sparkline } from '@/ui/sparkline.tsx';
import { Status } from '@/ui/status.tsx';
import { activityOf } from './activity.ts';

type Props = {
  labs: readonly LabRowFragment[];
  bad: ReadonlyMap<string, number>;
  labelledBy: string;
  isFull?: boolean;
};

/** The labs: how true the copy is, what they ran, what they broke. */
export function LabTable({ labs, bad, labelledBy, isFull }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two">
        <thead>
          <tr>
            <th scope="col">Lab</th>
            <th scope="col">Copy</th>
            <th scope="col" className="p2 num">
              Jobs today
            </th>
            <th scope="col" className="num">
              Infra 14 d
            </th>
            <th scope="col" className="p2">
              <span className="sr">Infrastructure share by day</span>
            </th>
            {isFull && (
              <>
                <th scope="col" className="p2 num">
                  Jobs
                </th>
                <th scope="col" className="p2 num">
                  Results
                </th>
                <th scope="col" className="p2">
                  LAVA
                </th>
              </>
            )}
            <th scope="col" className="num">
              Devices
            </th>
          </tr>
        </thead>
        <tbody>
          {labs.map((lab) => (
            <LabRow key={lab.id} lab={lab} bad={bad.get(lab.slug) ?? 0} isFull={isFull} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function LabRow({ lab, bad, isFull }: { lab: LabRowFragment; bad: number; isFull?: boolean }) {
  const { slug, name, status, lagSeconds, deviceCount, jobCount, resultCount, version } = lab;
  const { today, ended, infra, rates } = activityOf(lab.activity);
  const isHigh = ended >= 20 && infra / ended > 0.05;
  const midnight = lab.activity.at(-1)?.date;
  const since = lab.activity[0]?.date;
  const jobs = (extra: Record<string, string | string[] | undefined>) => jobsPath({ lab: slug, ...extra });
  return (
    <tr>
      <th scope="row">
        <Link href={labPath(slug)} prefetch={false} data-open>
          {slug}
        </Link>
        {name !== slug && <span className="sub">{name}</span>}
      </th>
      <td>
        <Status {...verdictOfSource(status)} />{' '}
        <span className="faint">
          {lagSeconds !== null && (status === 'HEALTHY' ? roughly(lagSeconds) : `${roughly(lagSeconds)} behind`)}
        </span>
      </td>
      <td className="p2 num">
        <Figure value={today} href={jobs({ since: midnight })} />
      </td>
      <td className="num">
        {ended === 0 ? (
          <span className="faint">no jobs</span>
        ) : infra === 0 ? (
          <span className="faint">0</span>
        ) : (
          <Link
            className={isHigh ? 'infra strong' : undefined}
            href={jobs({ since, class: INFRASTRUCTURE })}
            prefetch={false}
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
      {isFull && (
        <>
          <td className="p2 num">
            <Figure value={jobCount} href={jobs({ checks: '1' })} />
          </td>
          <td className="p2 num dim">{count(resultCount)}</td>
          <td className="p2 dim">{version ?? <span className="faint">unknown</span>}</td>
        </>
      )}
      <td className="num">
        {bad > 0 && (
          <>
            <Link className="infra" href={devicesPath({ lab: slug, health: 'Bad' })} prefetch={false}>
              {bad} Bad
            </Link>{' '}
            <span className="faint">of</span>{' '}
          </>
        )}
        <Figure value={deviceCount} href={devicesPath({ lab: slug })} />
      </td>
    </tr>
  );
}
