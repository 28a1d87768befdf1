import Link from 'next/link';
import type { BuildPageQuery, MatrixShow } from '@/graphql/graphql.ts';
import { Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { Glyph } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { isCrowded, toMatrix, toShown } from './matrix.ts';
import { MatrixTable } from './matrix-table.tsx';

type Props = {
  suites: NonNullable<BuildPageQuery['build']>['suites'];
  show: MatrixShow;
  /** Address of the page with so much of the matrix. */
  hrefOf: (show: string, cursor?: Record<string, string | undefined>) => string;
  /** The build, as the jobs page asks for it. */
  query: { project: string; build: string };
  /** Several runs of a suite count once. */
  once: boolean;
};

const KEYS = { ALL: 'all', PROBLEMS: 'problems', NEWLY_FAILING: 'new' } as const;
const WHAT = { ALL: '', PROBLEMS: ' with a problem', NEWLY_FAILING: ' newly failing' } as const;

/** The matrix, a page of suites at a time. */
export function MatrixSection({ suites, show, hrefOf, query, once }: Props) {
  const totals = suites.matrix;
  const matrix = toMatrix(suites.nodes);
  const folded = show === 'ALL' ? [] : matrix.passing;
  const columns = matrix.environments.filter((name) => !folded.includes(name));
  const chips: { of: MatrixShow; label: string; cells: number }[] = [
    { of: 'NEWLY_FAILING', label: 'New', cells: totals.newlyFailingCellCount },
    { of: 'PROBLEMS', label: 'Problems', cells: totals.problemCellCount },
    { of: 'ALL', label: 'All', cells: totals.cellCount },
  ];
  const href = (of: MatrixShow, cursor?: Record<string, string | undefined>) => hrefOf(KEYS[of], cursor);
  const without = totals.suiteCount - totals.problemSuiteCount;
  return (
    <Section
      id="matrix"
      title="Suites by device type"
      caption="one line per lab; a failing line shows how many cases fail"
      more={<Legend />}
    >
      {totals.cellCount === 0 ? (
        <Empty title="No suite has a result">The jobs of this build have not finished, or they left no results.</Empty>
      ) : (
        <>
          <div className="filters mf">
            {chips.map(
              ({ of, label, cells }) =>
                (cells > 0 || of === show) && (
                  <Link
                    key={of}
                    className="chip"
                    href={href(of)}
                    scroll={false}
                    prefetch={false}
                    aria-current={of === show ? 'true' : undefined}
                    data-count={cells}
                  >
                    {label}{' '}
                    <b data-total={of === show ? cells : undefined} data-apart={of === show || undefined}>
                      {count(cells)}
                    </b>
                  </Link>
                ),
            )}
          </div>
          {matrix.rows.length > 0 && (
            <MatrixTable columns={columns} rows={toShown(matrix, columns)} query={query} once={once} />
          )}
          {isCrowded(matrix) && (
            <p className="folded dim">
              Where nothing fails, a cell tells all labs in one number: there are too many here to tell each lab and the
              last builds.
            </p>
          )}
          {folded.length > 0 && (
            <p className="folded dim">
              <Measure>{plural(folded.length, 'device type')}</Measure> {folded.length === 1 ? 'has' : 'have'} no
              problem in these suites and {folded.length === 1 ? 'is' : 'are'} left out:{' '}
              <span className="mono">{folded.join(', ')}</span>.
            </p>
          )}
          {suites.totalCount > matrix.rows.length && (
            <Pager
              page={suites.pageInfo}
              href={(cursor) => href(show, cursor)}
              total={suites.totalCount}
              caption={`${matrix.rows[0]?.suite ?? ''} to ${matrix.rows.at(-1)?.suite ?? ''}: ${matrix.rows.length} of ${plural(suites.totalCount, 'suite')}${WHAT[show]}`}
              words={['Previous suites', 'More suites']}
              label="Pages of suites"
            />
          )}
          {show === 'PROBLEMS' && without > 0 && (
            <p className="folded dim">
              <Measure>{plural(without, 'suite')}</Measure> {without === 1 ? 'passes' : 'pass'} everywhere.{' '}
              <Link href={href('ALL')} scroll={false} prefetch={false}>
                Show all
              </Link>
            </p>
          )}
        </>
      )}
    </Section>
  );
}

function Legend() {
  return (
    <>
      <span className="key">
        <Glyph shape="fail" tone="fail" /> fail
      </span>
      <span className="key">
        <Glyph shape="infra" tone="infra" /> infrastructure
      </span>
      <span className="key">
        <Glyph shape="skipped" tone="skipped" /> skip
      </span>
      <span className="key">
        <i className="swd" /> labs disagree
      </span>
    </>
  );
}
