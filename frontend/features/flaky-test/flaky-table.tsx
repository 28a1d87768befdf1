import Link from 'next/link';
import type { FlakyTestRowFragment } from '@/graphql/graphql.ts';
import { devicePath, jobPath, searchPath } from '@/paths.ts';
import { count, plural, share } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status, type Verdict } from '@/ui/status.tsx';

const STATES: Record<FlakyTestRowFragment['state'], Verdict> = {
  BROKEN: { shape: 'fail', tone: 'fail', word: 'broken' },
  FLAKY: { shape: 'warn', tone: 'warn', word: 'flaky' },
  HEALTHY: { shape: 'pass', tone: 'pass', word: 'healthy' },
};

type Props = { tests: readonly FlakyTestRowFragment[]; labelledBy: string; byLab: boolean };

export function FlakyTable({ tests, labelledBy, byLab }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col" className="p2">
              Device type
            </th>
            {byLab && (
              <th scope="col" className="p2">
                Lab
              </th>
            )}
            <th scope="col">State</th>
            <th scope="col" className="num">
              Flakes
            </th>
            <th scope="col" className="p2">
              Worst board
            </th>
            <th scope="col" className="p2 num">
              Passed on retry
            </th>
            <th scope="col" className="num">
              Turned to fail
            </th>
            <th scope="col" className="p2 num">
              Rate (95 %)
            </th>
            <th scope="col" className="p2">
              Left out
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <Row
              key={JSON.stringify([test.suite, test.set, test.name, test.environment.name, test.source?.slug])}
              test={test}
              byLab={byLab}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row({ test, byLab }: { test: FlakyTestRowFragment; byLab: boolean }) {
  const { suite, set, name, environment, source, flips, runs, interval, flakes, flakeRuns, excludedJobs } = test;
  const full = `${suite}/${set === null ? '' : `${set}/`}${name}`;
  const deviceType = environment.name || 'no type';
  return (
    <tr>
      <th scope="row" className="clip" title={full}>
        <Link className="mono" href={searchPath({ q: name, kind: 'test' })} prefetch={false} data-open>
          {full}
        </Link>
        <span className="sub only-s">{source ? `${deviceType}, ${source.slug}` : deviceType}</span>
      </th>
      <td className="p2">{deviceType}</td>
      {byLab && <td className="p2 dim">{source?.slug}</td>}
      <td>
        <Status {...STATES[test.state]} />
        <Whose test={test} />
      </td>
      <td className="num" data-measure>
        {flakes === 0 ? (
          <span className="faint">0</span>
        ) : (
          <>
            {count(flakes)} <span className="faint">in {plural(flakeRuns, 'run')}</span>
          </>
        )}
      </td>
      <td className="p2">
        <WorstBoard boards={test.byDevice} />
      </td>
      <td className="p2 num" data-measure>
        {test.passedOnRetry === 0 ? <span className="faint">0</span> : plural(test.passedOnRetry, 'build')}
      </td>
      <td className="num" data-measure>
        {count(flips)}
      </td>
      <td className="p2 num dim" data-measure>
        {runs === null ? (
          <span className="faint">not counted</span>
        ) : (
          <>
            {share(flips, runs)}{' '}
            <span className="faint">({interval?.map((end) => Math.round(100 * end)).join('–')})</span>
          </>
        )}
      </td>
      <td className="p2">
        {excludedJobs.slice(0, 2).map((job, i) => (
          <span key={`${job.source.slug}/${job.externalId}`}>
            {i > 0 && ', '}
            <Link className="mono link" href={jobPath(job.source.slug, job.externalId)} prefetch={false}>
              {job.source.slug}/{job.externalId}
            </Link>
          </span>
        ))}
        {test.excludedJobCount > 2 && (
          <span className="faint" data-measure>
            {' '}
            and {count(test.excludedJobCount - 2)} more
          </span>
        )}
      </td>
    </tr>
  );
}

function WorstBoard({ boards: [worst, ...others] }: { boards: FlakyTestRowFragment['byDevice'] }) {
  if (!worst) return null;
  const { source, device, flakes, runs } = worst;
  return (
    <p>
      {device ? (
        <Link href={devicePath(source.slug, device.hostname)} prefetch={false}>
          {device.hostname}
        </Link>
      ) : (
        <span className="dim">{source.slug}, no board</span>
      )}{' '}
      <span className="faint" data-measure>
        {count(flakes)} in {count(runs)}
        {others.length > 0 && `, and ${others.length} more`}
      </span>
    </p>
  );
}

/** Whose fault it is by where it is flaky, where that can be told. */
function Whose({ test: { state, onlyDevice, onlySource, isFlakyEverywhere } }: { test: FlakyTestRowFragment }) {
  if (state !== 'FLAKY') return null;
  if (onlyDevice)
    return (
      <span className="sub">
        only on{' '}
        <Link className="link" href={devicePath(onlyDevice.source.slug, onlyDevice.hostname)} prefetch={false}>
          {onlyDevice.hostname}
        </Link>
        : the board
      </span>
    );
  if (onlySource) return <span className="sub">only in {onlySource.slug}: the lab</span>;
  return isFlakyEverywhere ? <span className="sub">in every lab: the test or the code</span> : null;
}
