'use client';
import Link from 'next/link';
import type { AgreementPageQuery } from '@/graphql/graphql.ts';
import { Dash } from '@/ui/dash.tsx';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { type AgreementAsked, agreementAddress } from './agreement-address.ts';

type Agreement = AgreementPageQuery['labAgreement'];
type Props = { agreement: Agreement; asked: AgreementAsked; labelledBy: string };

/** Lab against lab: on how many tests they agree, and on how many they do not. */
export function LabPairs({ agreement: { sources, pairs }, asked, labelledBy }: Props) {
  const slugs = sources.map(({ slug }) => slug);
  const pairOf = (a: string, b: string) =>
    pairs.find((pair) => (pair.a.slug === a && pair.b.slug === b) || (pair.a.slug === b && pair.b.slug === a));
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two pin pairs">
        <thead>
          <tr>
            <th scope="col">
              <span className="sr">Lab</span>
            </th>
            {slugs.map((slug) => (
              <th key={slug} scope="col" className="num">
                {slug}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {slugs.map((row) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {slugs.map((column) => (
                <td key={column} className="num">
                  {row !== column && <Pair pair={pairOf(row, column)} asked={asked} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Pair({ pair, asked }: { pair: Agreement['pairs'][number] | undefined; asked: AgreementAsked }) {
  if (!pair || pair.testCount === 0) return <Dash says="no shared test" />;
  const labs = [pair.a.slug, pair.b.slug];
  return (
    <>
      {pair.agreeing > 0 ? (
        <Link
          className="dim"
          href={agreementAddress(asked, { labs, show: 'AGREEING' })}
          prefetch={false}
          data-count={pair.agreeing}
        >
          {count(pair.agreeing)} agree
        </Link>
      ) : (
        <span className="faint">0 agree</span>
      )}
      <br />
      {pair.conflicts > 0 ? (
        <Link
          className="strong"
          href={agreementAddress(asked, { labs, show: 'CONFLICTS' })}
          prefetch={false}
          data-count={pair.conflicts}
        >
          {count(pair.conflicts)} differ
        </Link>
      ) : (
        <span className="faint">0 differ</span>
      )}
    </>
  );
}
