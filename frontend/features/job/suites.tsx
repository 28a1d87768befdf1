import type { JobPageQuery } from '@/graphql/graphql.ts';
import { STEPS } from '@/lava.ts';
import { suitePath } from '@/paths.ts';
import { CountsBar } from '@/ui/counts-bar.tsx';
import { Figure } from '@/ui/figure.tsx';
import { count, plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';

type Suite = NonNullable<JobPageQuery['job']>['suites'][number];

const RESULTS = [
  ['fail', 'FAIL'],
  ['pass', 'PASS'],
  ['skip', 'SKIP'],
] as const;

type Props = { suites: readonly Suite[]; path: string; results: number; project: string | null };

/** The suites of a job; each number leads to the cases it counts. */
export function Suites({ suites, path, results, project }: Props) {
  const steps = suites.find(({ name }) => name === STEPS)?.counts.total ?? 0;
  const href = (suite: string, result?: string) =>
    `${path}?${new URLSearchParams({ suite, ...(result && { result }) })}#cases`;
  return (
    <Section
      id="suites"
      title="Suites"
      caption={
        <>
          <a href={`${path}#cases`} data-count={results}>
            {plural(results, 'result')}
          </a>
          {steps > 0 && (
            <>
              ,{' '}
              <a href={href(STEPS)} data-count={steps}>
                {plural(steps, 'step')}
              </a>
            </>
          )}
        </>
      }
    >
      <Scroll labelledBy="suites">
        <table className="t">
          <thead>
            <tr>
              <th scope="col">Suite</th>
              <th scope="col" className="num">
                Fail
              </th>
              <th scope="col" className="num">
                Pass
              </th>
              <th scope="col" className="num">
                Skip
              </th>
              <th scope="col" className="p2">
                <span className="sr">Share</span>
              </th>
              <th scope="col" className="p2">
                <span className="sr">Kind</span>
              </th>
              {project !== null && (
                <th scope="col">
                  <span className="sr">History</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {[...suites]
              .sort((a, b) => Number(a.name === STEPS) - Number(b.name === STEPS))
              .map(({ name, comparableName, counts }) => (
                <tr key={name}>
                  <th scope="row" className="clip">
                    <a className={name === STEPS ? 'mono dim' : 'mono'} href={href(name)} title={name}>
                      {name}
                    </a>
                  </th>
                  {RESULTS.map(([key, result]) => (
                    <td key={key} className="num">
                      <Figure
                        value={counts[key]}
                        href={href(name, result)}
                        tone={key === 'fail' ? (name === STEPS ? 'infra' : 'fail') : undefined}
                        strong={key === 'fail'}
                      />
                    </td>
                  ))}
                  <td className="p2">
                    <CountsBar
                      counts={name === STEPS ? { ...counts, fail: 0, infra: counts.fail } : counts}
                      width={72}
                    />
                  </td>
                  <td className="p2 faint">
                    {name === STEPS
                      ? 'steps'
                      : counts.unknown > 0 && (
                          <a href={href(name, 'UNKNOWN')} data-count={counts.unknown}>
                            {count(counts.unknown)} unknown
                          </a>
                        )}
                  </td>
                  {project !== null && (
                    <td>
                      {name !== STEPS && (
                        <a className="link" href={suitePath(project, comparableName)} aria-label={`History of ${name}`}>
                          History
                        </a>
                      )}
                    </td>
                  )}
                </tr>
              ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}
