import Link from 'next/link';
import type { PeriodsPageQuery } from '@/graphql/graphql.ts';
import { count, percent } from '@/ui/number.ts';
import { probability } from '@/ui/probability.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { type PeriodsAsked, periodsAddress, periodText } from './periods-address.ts';

type Tests = PeriodsPageQuery['comparePeriods']['tests'];
type Props = { tests: Tests; asked: PeriodsAsked; labelledBy: string };

const WORDS = { WORSE: 'worse', BETTER: 'better', UNCHANGED: 'no change' } as const;
const TONES = { WORSE: 'fail', BETTER: 'pass', UNCHANGED: 'faint' } as const;

/** Tests against periods: which share of the runs passed. */
export function PeriodsTable({ tests, asked, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">Change</th>
            {asked.periods.map((period, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two periods may be the same
              <th key={i} scope="col" className="num">
                {periodText(period)}
              </th>
            ))}
            <th scope="col" className="p2 num">
              p
            </th>
            <th scope="col" className="p2 num">
              q
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map(({ suite, set, name, environment, change, windows, pValue, qValue }) => (
            <tr key={JSON.stringify([suite, set, name, environment.name])}>
              <th scope="row" className="mono">
                <Link href={periodsAddress(asked, { suite, test: name, show: 'all' })} prefetch={false} data-open>
                  {suite}/{set && `${set}/`}
                  {name}
                </Link>
                <span className="sub">{environment.name || 'no type'}</span>
              </th>
              <td className={TONES[change]}>{WORDS[change]}</td>
              {windows.map(({ passes, fails }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a period is known by its place
                <td key={i} className="num" data-measure>
                  {passes + fails === 0 ? (
                    <span className="faint">not run</span>
                  ) : (
                    <>
                      {percent(passes / (passes + fails))}{' '}
                      <span className="faint">
                        {count(passes)} of {count(passes + fails)}
                      </span>
                    </>
                  )}
                </td>
              ))}
              <td className="p2 num" data-measure>
                {probability(pValue)}
              </td>
              <td className="p2 num" data-measure>
                {probability(qValue)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
