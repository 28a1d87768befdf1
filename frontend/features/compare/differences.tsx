import type { ComparePageQuery } from '@/graphql/graphql.ts';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';

type Props = { differences: ComparePageQuery['compare']['differences']; labelledBy: string };

/** What a lab ran for one side only. */
export function Differences({ differences, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Suite</th>
            <th scope="col">Device type</th>
            <th scope="col">Lab</th>
            <th scope="col">Ran for</th>
            <th scope="col" className="num">
              Results
            </th>
            <th scope="col" className="p2 num">
              Infra jobs of the other
            </th>
            <th scope="col" className="p2">
              In the numbers
            </th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ suite, environment, source, side, counts, infrastructureFailures, compared }) => (
            <tr key={JSON.stringify([suite, environment.name, source.slug, side])}>
              <th scope="row" className="mono">
                {suite}
              </th>
              <td>{environment.name || 'no type'}</td>
              <td>{source.slug}</td>
              <td>{side === 'BASE' ? 'A' : 'B'}</td>
              <td className="num">{count(counts.total)}</td>
              <td className="p2 num">
                <span className={infrastructureFailures > 0 ? 'infra' : 'faint'}>{count(infrastructureFailures)}</span>
              </td>
              <td className="p2 dim">{compared ? 'against other labs' : 'no'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
