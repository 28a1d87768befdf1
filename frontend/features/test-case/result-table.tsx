'use client';
import Link from 'next/link';
import type { ResultRowFragment } from '@/graphql/graphql.ts';
import { STEPS } from '@/lava.ts';
import { jobPath, linePath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status } from '@/ui/status.tsx';
import { CaseName } from './case-name.tsx';
import { measurement } from './measurement.ts';
import { verdictOfCase } from './verdict.ts';

type Props = { results: readonly ResultRowFragment[]; labelledBy: string };

/** Results of many jobs, each with its job and its line of the log. */
export function ResultTable({ results, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Result</th>
            <th scope="col">Case</th>
            <th scope="col" className="p2">
              Suite
            </th>
            <th scope="col">Job</th>
            <th scope="col" className="p2">
              Device type
            </th>
            <th scope="col" className="p2 num">
              Measured
            </th>
            <th scope="col" className="p2 num">
              Line
            </th>
          </tr>
        </thead>
        <tbody>
          {results.map((row) => (
            <ResultLine key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function ResultLine({ row }: { row: ResultRowFragment }) {
  const { suite, set, name, occurrence, result, startLogLine, job } = row;
  const { slug } = job.source;
  return (
    <tr>
      <td>
        <Status {...verdictOfCase(result, suite === STEPS)} />
      </td>
      <th scope="row" className="clip mono" title={name}>
        <CaseName project={job.build?.project.slug ?? null} suite={suite} set={set} name={name} />
        {occurrence > 0 && <span className="faint"> #{occurrence + 1}</span>}
      </th>
      <td className="p2 clip mono dim" title={suite}>
        {suite}
      </td>
      <td>
        <Link
          className="mono link"
          href={`${jobPath(slug, job.externalId)}?${new URLSearchParams({ result, suite })}#cases`}
          prefetch={false}
          data-open
        >
          {slug}/{job.externalId}
        </Link>
      </td>
      <td className="p2">{job.deviceType?.name ?? <span className="faint">no type</span>}</td>
      <td className="p2 num dim" data-measure>
        {row.measurement !== null && measurement(row.measurement, row.units)}
      </td>
      <td className="p2 num">
        {startLogLine !== null && (
          <Link className="link mono" href={linePath(slug, job.externalId, startLogLine)} prefetch={false}>
            L{startLogLine}
          </Link>
        )}
      </td>
    </tr>
  );
}
