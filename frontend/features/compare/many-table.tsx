'use client';
import Link from 'next/link';
import type { ManySidesPageQuery, ManyTestRowFragment } from '@/graphql/graphql.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { letterOf } from './many-address.ts';
import { LogLink, logHref, Result } from './result-at.tsx';

type Props = {
  tests: readonly ManyTestRowFragment[];
  sides: ManySidesPageQuery['compareMany']['sides'];
  labelledBy: string;
};

/** Tests against sides, each result with its log. */
export function ManyTable({ tests, sides, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two pin agreement">
        <thead>
          <tr>
            <th scope="col">Test</th>
            {sides.map(({ build, source, deviceType }, i) => (
              <th
                key={letterOf(i)}
                scope="col"
                title={[build.version, source?.slug, deviceType].filter(Boolean).join(', ')}
              >
                {letterOf(i)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => {
            const { suite, set, environment, results, testCases } = test;
            const name = `${suite}/${set ? `${set}/` : ''}${test.name}`;
            const where = testCases[results.lastIndexOf('FAIL')] ?? testCases.find((one) => one !== null);
            return (
              <tr key={JSON.stringify([suite, set, test.name, environment?.name])}>
                <th scope="row" className="mono" title={name}>
                  {where ? (
                    <Link href={logHref(where)} prefetch={false} data-open>
                      {name}
                    </Link>
                  ) : (
                    name
                  )}
                  {environment && <span className="sub">{environment.name || 'no type'}</span>}
                </th>
                {results.map((result, i) => (
                  <td key={letterOf(i)}>
                    <Result of={result} />{' '}
                    <span className="p2">
                      <LogLink at={testCases[i] ?? null} />
                    </span>
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
