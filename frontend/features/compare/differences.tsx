import { Measure } from '@/ui/count.tsx';
import { Figure } from '@/ui/figure.tsx';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';

type Difference = {
  suite: string;
  environment: { name: string };
  source: { slug: string };
  counts: { total: number };
  infrastructureFailures: number;
  compared: boolean;
};
type Props<Row> = {
  differences: readonly Row[];
  /** The letters of the sides. */
  ranFor: (row: Row) => string;
  /** Of its results, where they are of one side. */
  hrefOf?: (row: Row) => string;
  labelledBy: string;
};

/** What a lab ran for some sides only. */
export function Differences<Row extends Difference>({ differences, ranFor, hrefOf, labelledBy }: Props<Row>) {
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
              Infra jobs of the others
            </th>
            <th scope="col" className="p2">
              In the numbers
            </th>
          </tr>
        </thead>
        <tbody>
          {differences.map((row) => {
            const { suite, environment, source, counts, infrastructureFailures, compared } = row;
            return (
              <tr key={JSON.stringify([suite, environment.name, source.slug, ranFor(row)])}>
                <th scope="row" className="mono">
                  {suite}
                </th>
                <td>{environment.name || 'no type'}</td>
                <td>{source.slug}</td>
                <td>{ranFor(row)}</td>
                <td className="num">
                  {hrefOf ? (
                    <Figure value={counts.total} href={hrefOf(row)} />
                  ) : (
                    <Measure>{count(counts.total)}</Measure>
                  )}
                </td>
                <td className="p2 num" data-measure>
                  <span className={infrastructureFailures > 0 ? 'infra' : 'faint'}>
                    {count(infrastructureFailures)}
                  </span>
                </td>
                <td className="p2 dim">{compared ? 'against other labs' : 'no'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
