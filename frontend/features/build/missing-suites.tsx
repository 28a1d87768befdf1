'use client';
import Link from 'next/link';
import type { BuildPageQuery, MissingKind } from '@/graphql/graphql.ts';
import { buildPath, jobsPath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status, type Verdict } from '@/ui/status.tsx';

type Missing = NonNullable<BuildPageQuery['build']>['missing'];
type Props = { project: string; build: string; suites: Missing };

const LOOKS: Record<MissingKind, Omit<Verdict, 'word'>> = {
  RUNNING: { shape: 'run', tone: 'run' },
  QUEUED: { shape: 'queued', tone: 'faint' },
  INFRASTRUCTURE: { shape: 'infra', tone: 'infra' },
  CANCELED: { shape: 'cancel', tone: 'cancel' },
  INCOMPLETE: { shape: 'inc', tone: 'fail' },
  LEFT_OUT: { shape: 'unknown', tone: 'faint' },
  NEVER_SUBMITTED: { shape: 'unknown', tone: 'faint' },
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
          {suites.map(({ suite, environment, kind, reason, lastBuild }) => {
            const jobs = (
              <Link className="link" prefetch={false} href={jobsPath({ project, build, type: environment.name })}>
                {environment.name || 'no type'}
              </Link>
            );
            return (
              <tr key={JSON.stringify([suite, environment.name])}>
                <th scope="row" className="wrap">
                  <span className="mono">{suite}</span>
                  <span className="sub only-s">{jobs}</span>
                </th>
                <td className="p2">{jobs}</td>
                <td className="wrap" data-measure>
                  <Status {...LOOKS[kind]} word={reason} />
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
