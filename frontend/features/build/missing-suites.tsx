import Link from 'next/link';
import type { BuildPageQuery, MissingKind } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE } from '@/lava.ts';
import { buildPath, jobsPath, type Query } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status, type Verdict } from '@/ui/status.tsx';

type Missing = NonNullable<BuildPageQuery['build']>['missing'];
type Props = { project: string; build: string; suites: Missing };

/** How a reason looks, and the jobs behind it as the jobs page asks for them. */
const LOOKS: Record<MissingKind, { status: Omit<Verdict, 'word'>; jobs: Query }> = {
  INFRASTRUCTURE: { status: { shape: 'infra', tone: 'infra' }, jobs: { class: INFRASTRUCTURE } },
  RUNNING: { status: { shape: 'run', tone: 'run' }, jobs: { state: ['Running', 'Canceling'] } },
  QUEUED: { status: { shape: 'queued', tone: 'faint' }, jobs: { state: ['Submitted', 'Scheduling', 'Scheduled'] } },
  CANCELED: { status: { shape: 'cancel', tone: 'cancel' }, jobs: { health: 'Canceled' } },
  INCOMPLETE: { status: { shape: 'inc', tone: 'fail' }, jobs: { health: 'Incomplete' } },
  LEFT_OUT: { status: { shape: 'unknown', tone: 'faint' }, jobs: {} },
  NEVER_SUBMITTED: { status: { shape: 'unknown', tone: 'faint' }, jobs: {} },
};

/** What builds before ran and this one did not, and why as far as its jobs tell. */
export function MissingSuites({ project, build, suites }: Props) {
  return (
    <Scroll labelledBy="missing">
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Suite</th>
            <th scope="col" className="p2">
              Device type
            </th>
            <th scope="col">Why</th>
            <th scope="col" className="p2">
              Last ran in
            </th>
          </tr>
        </thead>
        <tbody>
          {suites.map(({ suite, environment, kind, reason, jobCount, lastBuild }) => {
            const type = environment.name || 'no type';
            const { status, jobs } = LOOKS[kind];
            return (
              <tr key={JSON.stringify([suite, environment.name])}>
                <th scope="row" className="clip" title={suite}>
                  <span className="mono">{suite}</span>
                  <span className="sub only-s">{type}</span>
                </th>
                <td className="p2">{type}</td>
                <td className="wrap">
                  {jobCount > 0 ? (
                    <Link
                      className="link"
                      prefetch={false}
                      href={jobsPath({ project, build, type: environment.name, ...jobs })}
                    >
                      <Status {...status} word={reason} />
                    </Link>
                  ) : (
                    <Status {...status} word={reason} />
                  )}
                </td>
                <td className="p2">
                  <Link className="mono link" prefetch={false} href={buildPath(project, lastBuild.version)}>
                    {lastBuild.version}
                  </Link>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
