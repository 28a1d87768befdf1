import Link from 'next/link';
import { Shell } from '@/features/coverage/shell.tsx';
import { toColumns } from '@/features/history/columns.ts';
import { historyFields } from '@/features/history/history-filter.ts';
import { HistoryTable } from '@/features/history/history-table.tsx';
import { HistoryLegend } from '@/features/history/legend.tsx';
import { toLines } from '@/features/history/suite-lines.ts';
import { type HistoryShow, SuiteHistoryDocument, type SuiteHistoryQuery } from '@/graphql/graphql.ts';
import { suitePath, testsPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { ExportMenu } from '@/ui/export-menu.tsx';
import { type Filters, toHref } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Note } from '@/ui/note.tsx';
import { count, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { day } from '@/ui/time.tsx';
import { SHOWN } from './read.ts';

type Props = {
  project: string;
  suite: string;
  data: SuiteHistoryQuery;
  variables: { show: HistoryShow; builds: number };
  filters: Filters;
};

const CHIPS = [
  ['failing', 'Failing now'],
  ['changed', 'Changed'],
  ['notgreen', 'Not all green'],
  ['all', 'All'],
] as const;

/** The tests of a suite by builds: first what is not all green, with what is folded away counted. */
export function SuitePage({ project, suite, data, variables, filters }: Props) {
  const { builds, counts, rows, pageInfo, truncated } = data.historyGrid;
  const labs = data.sources.nodes.map(({ slug }) => slug);
  const types = data.deviceTypes.nodes.map(({ name }) => name);
  const path = suitePath(project, suite);
  const columns = toColumns(
    project,
    builds.map(({ version, createdAt }) => ({ version, day: day(createdAt) })),
  );
  const values = {
    failing: counts.failing,
    changed: counts.changed,
    notgreen: counts.total - counts.green,
    all: counts.total,
  };
  const key = CHIPS.find(([name]) => SHOWN[name] === variables.show)?.[0] ?? 'all';
  const href = (show: string, cursor: Record<string, string | undefined> = {}) =>
    `${toHref(path, filters, { show, ...cursor })}#grid`;
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        crumbs={[
          { label: 'Tests', href: testsPath() },
          { label: project, href: testsPath({ project }) },
          { label: suite },
        ]}
        title={suite}
        mono
        facts={[
          ['Builds', <Measure key="builds">{`${count(builds.length)}, newest left`}</Measure>],
          ['Tests on device types', <Counted key="tests" value={counts.total} href={href('all')} />],
          filters.checks ? null : ['Health checks', 'left out'],
        ]}
        actions={
          <>
            <ExportMenu
              title="Results of this suite"
              query={{ project, suite, deviceType: filters.type, source: filters.lab }}
            />
            <ApiPanel query={SuiteHistoryDocument.toString()} variables={variables} />
          </>
        }
      />
      <SuiteVerdict counts={counts} builds={builds.length} failingHref={href('failing')} />
      <FilterBar path={path} fields={historyFields(labs, types, data.project?.branches ?? [])} filters={filters} />
      {truncated && (
        <Note>
          Older builds are left out: more runs belong to them than are read for one page. Narrow it to a device type, a
          lab or fewer builds.
        </Note>
      )}
      <Section
        id="grid"
        title="Tests by builds"
        total={values[key]}
        caption={`${count(rows.length)} of ${plural(values[key], 'test')}: a row is a test on a device type, a cell is one build, all labs together`}
        more={<HistoryLegend hasLost />}
      >
        {counts.total === 0 ? (
          <NoTests hasFilters={Object.keys(filters).length > 0} path={path} suite={suite} />
        ) : (
          <>
            <div className="filters mf">
              {CHIPS.map(([name, label]) => (
                <Link
                  key={name}
                  className="chip"
                  href={href(name)}
                  scroll={false}
                  prefetch={false}
                  aria-current={name === key ? 'true' : undefined}
                  data-count={values[name]}
                >
                  {label} <b>{count(values[name])}</b>
                </Link>
              ))}
            </div>
            {rows.length > 0 ? (
              <HistoryTable labelledBy="grid" head="Test" columns={columns} lines={toLines(rows, filters, columns)} />
            ) : (
              <p className="dim">No test of this suite is like that.</p>
            )}
            {(pageInfo.hasNextPage || pageInfo.hasPreviousPage) && (
              <Pager
                page={pageInfo}
                href={(cursor) => href(key, cursor)}
                total={values[key]}
                caption={`${rows[0]?.name ?? ''} to ${rows.at(-1)?.name ?? ''}: ${count(rows.length)} of ${count(values[key])}`}
                words={['Previous tests', 'More tests']}
              />
            )}
            {key !== 'all' && counts.green > 0 && (
              <p className="folded dim">
                <Measure>{plural(counts.green, 'test')}</Measure> {counts.green === 1 ? 'is' : 'are'} all green and
                folded away.{' '}
                <Link href={href('all')} scroll={false} prefetch={false}>
                  Show all
                </Link>
              </p>
            )}
          </>
        )}
      </Section>
    </Shell>
  );
}

type VerdictProps = { counts: SuiteHistoryQuery['historyGrid']['counts']; builds: number; failingHref: string };

function SuiteVerdict({ counts, builds, failingHref }: VerdictProps) {
  const { total, green, failing } = counts;
  if (total === 0) return null;
  return (
    <p className="verdict">
      {failing > 0 ? (
        <b className="fail">
          <a href={failingHref} data-count={failing}>
            {count(failing)} of {plural(total, 'test')}
          </a>{' '}
          {failing === 1 ? 'fails' : 'fail'} now.
        </b>
      ) : (
        <b>No test fails now.</b>
      )}{' '}
      <span className="dim" data-measure>
        {green === total
          ? `All ${count(total)} pass in every one of ${plural(builds, 'build')} that ran them.`
          : `${count(green)} pass in every one of ${plural(builds, 'build')} that ran them.`}
      </span>
    </p>
  );
}

function NoTests({ hasFilters, path, suite }: { hasFilters: boolean; path: string; suite: string }) {
  return (
    <Empty
      title={hasFilters ? 'No result matches' : `No build has a result of ${suite}`}
      action={
        <Link className="btn" href={hasFilters ? path : testsPath()} prefetch={false}>
          {hasFilters ? 'Remove the filters' : 'Choose another suite'}
        </Link>
      }
    >
      {hasFilters
        ? 'No build within these filters has a result of the suite.'
        : 'The suite is not known in this project, or its results have been deleted.'}
    </Empty>
  );
}
