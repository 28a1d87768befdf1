import Link from 'next/link';
import type { BuildPageQuery } from '@/graphql/graphql.ts';
import { comparableSuite, STEPS } from '@/lava.ts';
import { jobPath } from '@/paths.ts';
import { LabLetters, type LabVerdict } from '@/ui/lab-letters.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import type { Cell } from './matrix.ts';

export type FailingCase = NonNullable<BuildPageQuery['build']>['testCases']['nodes'][number];
type Group = { key: string; suite: string; name: string; deviceType: string; cases: FailingCase[]; labs: LabVerdict[] };

/** One row a test and device type, with what each lab that ran it says. */
export function groupFailing(cases: readonly FailingCase[], matrix: readonly Cell[]): Group[] {
  const results = cases.filter(({ suite }) => suite !== STEPS);
  const groups = Map.groupBy(results, ({ suite, set, name, job }) =>
    JSON.stringify([comparableSuite(suite), set, name, job.deviceType?.name]),
  );
  return [...groups].flatMap(([key, list]) => {
    const [first] = list;
    if (!first) return [];
    const suite = comparableSuite(first.suite);
    const deviceType = first.job.deviceType?.name ?? 'no type';
    const failed = new Set(list.map(({ job }) => job.source.slug));
    const cell = matrix.find((one) => one.suite === suite && one.environment.deviceType === deviceType);
    const others = (cell?.labs ?? []).filter(({ source }) => !failed.has(source.slug));
    const labs: LabVerdict[] = [
      ...[...failed].map((slug) => ({ slug, verdict: 'fail' as const })),
      ...others.map(({ source, counts }) => ({
        slug: source.slug,
        verdict: counts.total > 0 ? ('pass' as const) : ('infra' as const),
      })),
    ];
    return [
      {
        key,
        suite,
        name: first.set ? `${first.set}/${first.name}` : first.name,
        deviceType,
        cases: list,
        labs: labs.toSorted((a, b) => a.slug.localeCompare(b.slug)),
      },
    ];
  });
}

export function FailingCases({ groups, slugs }: { groups: readonly Group[]; slugs: readonly string[] }) {
  return (
    <Scroll labelledBy="failing">
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col" className="p2">
              Device type
            </th>
            <th scope="col">Labs</th>
            <th scope="col" className="p2">
              Jobs
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ key, suite, name, deviceType, cases, labs }) => {
            const [first] = cases;
            return (
              <tr key={key}>
                <th scope="row" className="clip" title={`${suite}/${name}`}>
                  <Link className="mono" data-open prefetch={false} href={first ? lineHref(first) : '#'}>
                    {suite}/{name}
                  </Link>
                  <span className="sub only-s">{deviceType}</span>
                </th>
                <td className="p2">{deviceType}</td>
                <td>
                  <LabLetters labs={labs} all={slugs} />
                </td>
                <td className="p2 mono">
                  {cases.slice(0, 4).map((one, i) => (
                    <span key={one.id}>
                      {i > 0 && ', '}
                      <Link className="link" prefetch={false} href={lineHref(one)}>
                        {one.job.source.slug}/{one.job.externalId}
                      </Link>
                    </span>
                  ))}
                  {cases.length > 4 && <span className="faint"> and {cases.length - 4} more</span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

function lineHref({ job, startLogLine }: FailingCase): string {
  const path = jobPath(job.source.slug, job.externalId);
  return startLogLine === null ? `${path}#failing` : `${path}?line=${startLogLine}#L${startLogLine}`;
}
