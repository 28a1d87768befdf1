import type { RegressionsPageQuery } from '@/graphql/graphql.ts';
import { Counted } from '@/ui/count.tsx';
import { plural } from '@/ui/number.ts';

type Regressions = RegressionsPageQuery['regressions'];

/** Whether all there are lie on the page. */
function isWhole({ pageInfo }: Regressions): boolean {
  return !pageInfo.hasNextPage && !pageInfo.hasPreviousPage;
}

export function verdictOf(regressions: Regressions, period: string): string {
  const { nodes } = regressions;
  if (nodes.length === 0) return `No regression ${period}`;
  return `${isWhole(regressions) ? '' : 'At least '}${plural(nodes.length, 'regression')} ${period}`;
}

/** The list in a sentence, from its own rows. */
export function RegressionVerdict({
  regressions,
  period,
  labs = [],
}: {
  regressions: Regressions;
  period: string;
  labs?: readonly string[];
}) {
  const { nodes } = regressions;
  const open = nodes.filter(({ fixedIn }) => fixedIn === null).length;
  const builds = new Set(nodes.map(({ project, firstBad }) => JSON.stringify([project.slug, firstBad.version]))).size;
  return (
    <p className="verdict">
      <b className={open > 0 ? 'fail' : undefined} data-measure>
        {nodes.length > 0 && isWhole(regressions) ? (
          <>
            <Counted value={nodes.length} href="#regressions">
              {plural(nodes.length, 'regression')}
            </Counted>{' '}
            {period}
          </>
        ) : (
          verdictOf(regressions, period)
        )}
        .
      </b>{' '}
      <span className="dim" data-measure>
        {nodes.length > 0 && (
          <>
            {open === nodes.length
              ? nodes.length === 1
                ? 'It still fails. '
                : 'All still fail. '
              : `${open} still ${open === 1 ? 'fails' : 'fail'}, ${nodes.length - open} fixed. `}
            {nodes.length > 1 && `They began in ${plural(builds, 'build')}. `}
          </>
        )}
        Over {labs.length > 0 ? labs.join(', ') : 'all labs'}; jobs that failed by the labs’ fault are left out.
      </span>
    </p>
  );
}
