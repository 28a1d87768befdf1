import Link from 'next/link';
import type { ManySidesPageQuery, Transition } from '@/graphql/graphql.ts';
import { buildPath, resultsPath } from '@/paths.ts';
import { Figure } from '@/ui/figure.tsx';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { letterOf, type ManyAsked, manyAddress } from './many-address.ts';
import { countOf } from './transitions.ts';

type Sides = ManySidesPageQuery['compareMany']['sides'];

/** The sides by letter, each with what has become of tests there; the first is what others are held against. */
export function ManySides({ sides, asked }: { sides: Sides; asked: ManyAsked }) {
  const columns = [
    ['PASS_TO_FAIL', 'Worse'],
    ['FAIL_TO_PASS', 'Fixed'],
    ['STILL_FAILING', 'Still failing'],
  ] as const;
  return (
    <Scroll label="Sides">
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Side</th>
            {columns.map(([show, title]) => (
              <th key={show} scope="col" className="num">
                {title}
              </th>
            ))}
            <th scope="col" className="p2 num">
              Results of the build
            </th>
          </tr>
        </thead>
        <tbody>
          {sides.map(({ build, source, deviceType, counts }, i) => {
            const href = (show: Transition) => manyAddress(asked, { show, side: i });
            return (
              <tr key={letterOf(i)}>
                <th scope="row">
                  <span className={`abl ${i > 0 ? 'b' : 'a'}`}>{letterOf(i)}</span>{' '}
                  <Link className="mono" href={buildPath(build.project.slug, build.version)} prefetch={false}>
                    {build.version}
                  </Link>
                  {[source?.slug, deviceType].flatMap((name) => (name ? [`, ${name}`] : [])).join('')}
                </th>
                {columns.map(([show]) => {
                  const n = countOf(counts, show);
                  return (
                    <td key={show} className="num">
                      {i > 0 && n > 0 ? (
                        <Link href={href(show)} prefetch={false} scroll={false} data-count={n}>
                          {count(n)}
                        </Link>
                      ) : (
                        <span className="faint">{i > 0 ? 0 : '–'}</span>
                      )}
                    </td>
                  );
                })}
                <td className="p2 num">
                  <Figure
                    value={build.counts.total}
                    href={resultsPath({ project: build.project.slug, build: build.version, checks: '1' })}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
