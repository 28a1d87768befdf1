'use client';
import Link from 'next/link';
import { measurement } from '@/features/test-case/measurement.ts';
import { verdictOfCase } from '@/features/test-case/verdict.ts';
import type { PointFragment } from '@/graphql/graphql.ts';
import { buildPath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status } from '@/ui/status.tsx';
import { Age } from '@/ui/time.tsx';
import { casesPath } from './line.ts';

type Props = { points: readonly PointFragment[]; project: string; suite: string; labelledBy: string };

/** Results of one test, newest first, each with its job. */
export function PointTable({ points, project, suite, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Result</th>
            <th scope="col">Build</th>
            <th scope="col" className="p2">
              Device type
            </th>
            <th scope="col">Job</th>
            <th scope="col" className="p2 num">
              Measured
            </th>
            <th scope="col" className="p2 num">
              Age
            </th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => {
            const { source, job, set, result, build, environment, measurement: measured, units } = point;
            return (
              <tr key={JSON.stringify([source.slug, job.externalId, set])}>
                <td>
                  <Status {...verdictOfCase(result, false)} />
                </td>
                <th scope="row" className="mono">
                  <Link className="link" href={buildPath(project, build.version)} prefetch={false}>
                    {build.version}
                  </Link>
                </th>
                <td className="p2">
                  {environment.name || 'no type'}
                  {set !== null && (
                    <span className="faint" data-measure>
                      {' '}
                      set {set}
                    </span>
                  )}
                </td>
                <td className="mono">
                  <Link
                    className="link"
                    href={casesPath(source.slug, job.externalId, suite, result)}
                    prefetch={false}
                    data-open
                  >
                    {source.slug}/{job.externalId}
                  </Link>
                </td>
                <td className="p2 num dim" data-measure>
                  {measured != null && measurement(measured, units ?? null)}
                </td>
                <td className="p2 num">{job.submitTime && <Age at={job.submitTime} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
