import Link from 'next/link';
import type { GroupJobFragment } from '@/graphql/graphql.ts';
import { buildPath, devicePath, jobPath, linePath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Age } from '@/ui/time.tsx';

type Props = { jobs: readonly GroupJobFragment[]; fingerprint: string; labelledBy: string };

/** The jobs of a group, each with the line of its log that shows it. */
export function GroupJobs({ jobs, fingerprint, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">In the log</th>
            <th scope="col" className="p2">
              Build
            </th>
            <th scope="col" className="p2">
              Device
            </th>
            <th scope="col" className="num">
              Ended
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <GroupJob key={job.id} job={job} fingerprint={fingerprint} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function GroupJob({ job, fingerprint }: { job: GroupJobFragment; fingerprint: string }) {
  const { source, externalId, description, build, device, deviceType, endTime, failureGroups } = job;
  const line = failureGroups.find(({ group }) => group.fingerprint === fingerprint)?.line ?? null;
  return (
    <tr>
      <th scope="row" className="clip">
        <Link href={jobPath(source.slug, externalId)} prefetch={false} data-open title={description ?? undefined}>
          {description || `Job ${externalId}`}
        </Link>
        <span className="sub mono">
          {source.slug}/{externalId}
        </span>
      </th>
      <td>
        {line === null ? (
          <span className="faint">no line</span>
        ) : (
          <Link className="mono" href={linePath(source.slug, externalId, line)} prefetch={false}>
            line {line}
          </Link>
        )}
      </td>
      <td className="p2">
        {build && (
          <Link className="mono" href={buildPath(build.project.slug, build.version)} prefetch={false}>
            {build.version}
          </Link>
        )}
      </td>
      <td className="p2">
        {deviceType?.name ?? <span className="faint">no type</span>}
        {device && (
          <Link className="sub mono" href={devicePath(source.slug, device.hostname)} prefetch={false}>
            {device.hostname}
          </Link>
        )}
      </td>
      <td className="num faint">{endTime && <Age at={endTime} />}</td>
    </tr>
  );
}
