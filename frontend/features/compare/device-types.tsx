import Link from 'next/link';
import type { ComparePageQuery, Transition } from '@/graphql/graphql.ts';
import { Figure } from '@/ui/figure.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { type Asked, addressOf } from './address.ts';
import { countOf } from './transitions.ts';

type Props = { environments: ComparePageQuery['compare']['environments']; asked: Asked; labelledBy: string };

/** Kinds of boards on which something changed; a number leads to its list. */
export function DeviceTypes({ environments, asked, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Device type</th>
            <th scope="col" className="num">
              Worse
            </th>
            <th scope="col" className="num">
              New fail
            </th>
            <th scope="col" className="num">
              Fixed
            </th>
          </tr>
        </thead>
        <tbody>
          {environments.map(({ environment, counts }) => {
            const type = environment.name;
            const figure = (show: Transition, tone?: 'fail') => (
              <Figure
                value={countOf(counts, show)}
                href={addressOf(asked, { show, type })}
                tone={tone}
                strong={tone !== undefined}
              />
            );
            return (
              <tr key={type}>
                <th scope="row">
                  <Link href={addressOf(asked, { type })} prefetch={false}>
                    {type || 'no type'}
                  </Link>
                </th>
                <td className="num">{figure('PASS_TO_FAIL', 'fail')}</td>
                <td className="num">{figure('NEW_FAIL', 'fail')}</td>
                <td className="num">{figure('FAIL_TO_PASS')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
