'use client';
import Link from 'next/link';
import type { JobRowFragment } from '@/graphql/graphql.ts';
import { devicePath, jobPath } from '@/paths.ts';
import { CountsBar } from '@/ui/counts-bar.tsx';
import { roughly } from '@/ui/duration.ts';
import { Figure } from '@/ui/figure.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { Status } from '@/ui/status.tsx';
import { Age, secondsSince } from '@/ui/time.tsx';
import { reasonOf, verdictOfJob } from './verdict.ts';

type Props = { jobs: readonly JobRowFragment[]; labelledBy: string; hideDevice?: boolean };

/** Jobs, one a row: what it was, how it ended, what its results say. */
export function JobTable({ jobs, labelledBy, hideDevice }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two jobs">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Health</th>
            {!hideDevice && (
              <th scope="col" className="p2">
                Device
              </th>
            )}
            <th scope="col" className="num">
              Fail
            </th>
            <th scope="col" className="p2 num">
              Results
            </th>
            <th scope="col" className="p2">
              <span className="sr">Share of results</span>
            </th>
            <th scope="col" className="p2 num">
              Ran
            </th>
            <th scope="col" className="p2 num">
              Submitted
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} hideDevice={hideDevice} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function JobRow({ job, hideDevice }: { job: JobRowFragment; hideDevice?: boolean }) {
  const {
    source,
    externalId,
    description,
    submitter,
    submitterHere,
    counts,
    deviceType,
    device,
    healthCheck,
    startTime,
    runSeconds,
    state,
  } = job;
  const path = jobPath(source.slug, externalId);
  const seconds = runSeconds ?? (state === 'RUNNING' && startTime ? secondsSince(startTime) : null);
  return (
    <tr>
      <th scope="row" className="clip">
        <Link href={path} prefetch={false} data-open title={description ?? undefined}>
          {description || `Job ${externalId}`}
        </Link>
        <span className="sub">
          <span className="mono">
            {source.slug}/{externalId}
          </span>
          {submitterHere && (
            <>
              {' · '}
              <span title={submitterHere === submitter ? undefined : `${submitter} on ${source.slug}`}>
                {submitterHere}
              </span>
            </>
          )}
          {healthCheck && ' · health check'}
        </span>
      </th>
      <td>
        <Status {...verdictOfJob(job)} />
        <Reason job={job} />
      </td>
      {!hideDevice && (
        <td className="p2">
          {deviceType?.name ?? <span className="faint">no type</span>}
          {device && (
            <Link className="sub mono" href={devicePath(source.slug, device.hostname)} prefetch={false}>
              {device.hostname}
            </Link>
          )}
        </td>
      )}
      <td className="num">
        {counts.total === 0 ? (
          <span className="faint">–</span>
        ) : (
          <Figure value={counts.fail} href={`${path}?result=FAIL#cases`} tone="fail" strong />
        )}
      </td>
      <td className="p2 num">
        {counts.total === 0 ? <span className="faint">–</span> : <Figure value={counts.total} href={`${path}#cases`} />}
      </td>
      <td className="p2">
        <CountsBar counts={counts} width={96} />
      </td>
      <td className="p2 num dim" data-measure suppressHydrationWarning>
        {seconds === null ? <span className="faint">–</span> : roughly(seconds)}
      </td>
      <td className="p2 num faint">{job.submitTime && <Age at={job.submitTime} />}</td>
    </tr>
  );
}

function Reason({ job }: { job: JobRowFragment }) {
  if (job.health !== 'INCOMPLETE') return null;
  const reason = reasonOf(job);
  return (
    <span className="sub reason" title={job.errorMessage ?? undefined}>
      {reason}
      {job.errorMessage && (
        <span className="p2" data-measure>
          : {job.errorMessage}
        </span>
      )}
    </span>
  );
}
