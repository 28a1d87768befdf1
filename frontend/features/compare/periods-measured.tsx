import Link from 'next/link';
import type { PeriodsPageQuery } from '@/graphql/graphql.ts';
import { suitePath, testPath } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { probability } from '@/ui/probability.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { type PeriodsAsked, periodText } from './periods-address.ts';

type Props = { tests: PeriodsPageQuery['comparePeriods']['tests']; asked: PeriodsAsked };

/** Medians of what one test measured, and whether its values moved. */
export function PeriodsMeasured({ tests, asked }: Props) {
  const { project, suite, test } = asked;
  const rows = tests.flatMap(({ environment, set, measurement }) =>
    measurement ? [{ name: environment.name, set, ...measurement }] : [],
  );
  return (
    <>
      {rows.length > 0 && (
        <Section
          id="measured"
          title="Measured"
          caption={
            <Measure>
              medians of the newest 25 values of each period; Mann and Whitney’s p and Cliff’s delta against the first
            </Measure>
          }
        >
          <Scroll labelledBy="measured">
            <table className="t">
              <thead>
                <tr>
                  <th scope="col">Device type</th>
                  {asked.periods.map((period, i) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: two periods may be the same
                    <th key={i} scope="col" className="num">
                      {periodText(period)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map(({ name, set, unit, medians, pValues, deltas }) => (
                  <tr key={JSON.stringify([name, set])}>
                    <th scope="row">
                      {name || 'no type'}
                      {set && <span className="sub">{set}</span>}
                    </th>
                    {medians.map((median, i) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: a period is known by its place
                      <td key={i} className="num" data-measure>
                        {median === null ? <span className="faint">not measured</span> : `${median} ${unit}`}
                        {i > 0 && median !== null && (
                          <span className="sub">
                            {pValues[i] == null ? 'too few values' : `p ${probability(pValues[i])}`}
                            {deltas[i] != null && `, delta ${deltas[i].toFixed(2)}`}
                          </span>
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </Section>
      )}
      {project !== undefined && suite !== undefined && (
        <p>
          <Link
            className="link"
            href={test === undefined ? suitePath(project, suite) : testPath(project, suite, test)}
            prefetch={false}
          >
            History of the test
          </Link>
        </p>
      )}
    </>
  );
}
