'use client';
import Link from 'next/link';
import type { SuiteLineFragment } from '@/graphql/graphql.ts';
import { buildPath, resultsPath, suitePath } from '@/paths.ts';
import { CountsBar } from '@/ui/counts-bar.tsx';
import { Figure } from '@/ui/figure.tsx';
import { Scroll } from '@/ui/scroll.tsx';

type Props = { project: string; suites: readonly SuiteLineFragment[]; labelledBy: string };

/** Suites to choose from, each with its sums in the newest build that it belongs to. */
export function SuiteTable({ project, suites, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Suite</th>
            <th scope="col">Newest build</th>
            <th scope="col" className="num">
              Fail
            </th>
            <th scope="col" className="num p2">
              Infra
            </th>
            <th scope="col" className="num">
              Results
            </th>
            <th scope="col" className="p2">
              <span className="sr">Share</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {suites.map(({ name, build, counts, infrastructureFailures }) => {
            const of = { project, build: build.version, suite: name, checks: '1' };
            return (
              <tr key={name}>
                <th scope="row" className="clip" title={name}>
                  <Link className="mono" href={suitePath(project, name)} prefetch={false} data-open>
                    {name}
                  </Link>
                </th>
                <td className="mono">
                  <Link className="link" href={buildPath(project, build.version)} prefetch={false}>
                    {build.version}
                  </Link>
                </td>
                <td className="num">
                  <Figure value={counts.fail} href={resultsPath({ ...of, result: 'Fail' })} tone="fail" strong />
                </td>
                <td className="num p2" data-measure>
                  <Figure value={infrastructureFailures} tone="infra" />
                </td>
                <td className="num">
                  <Figure value={counts.total} href={resultsPath(of)} />
                </td>
                <td className="p2">
                  <CountsBar counts={counts} width={84} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
