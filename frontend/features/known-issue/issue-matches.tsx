import Link from 'next/link';
import type { KnownIssuePageQuery } from '@/graphql/graphql.ts';
import { buildPath, jobPath, linePath } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { Age } from '@/ui/time.tsx';

type Matches = NonNullable<KnownIssuePageQuery['knownIssue']>['matches']['nodes'];

export function IssueMatches({ matches }: { matches: Matches }) {
  if (matches.length === 0) return <p className="dim">No job that you may see has failed so.</p>;
  return (
    <Scroll labelledBy="matches">
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Device type</th>
            <th scope="col" className="p2">
              Build
            </th>
            <th scope="col">What failed</th>
            <th scope="col" className="num">
              Ended
            </th>
          </tr>
        </thead>
        <tbody>
          {matches.map(({ job: { source, externalId, deviceType, build, endTime }, cases, line }) => (
            <tr key={`${source.slug}/${externalId}`}>
              <th scope="row">
                <Link href={jobPath(source.slug, externalId)} prefetch={false} data-open>
                  {source.slug} {externalId}
                </Link>
              </th>
              <td>{deviceType?.name}</td>
              <td className="p2 clip">
                {build && (
                  <Link href={buildPath(build.project.slug, build.version)} prefetch={false}>
                    {build.version}
                  </Link>
                )}
              </td>
              <td>
                <Measure>{cases > 0 ? `${cases} failed ${cases === 1 ? 'test' : 'tests'}` : 'the job'}</Measure>
                {line !== null && (
                  <>
                    {' '}
                    <Link className="link mono" href={linePath(source.slug, externalId, line)} prefetch={false}>
                      line {line}
                    </Link>
                  </>
                )}
              </td>
              <td className="num faint">{endTime && <Age at={endTime} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
