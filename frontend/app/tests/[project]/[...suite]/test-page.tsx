import Link from 'next/link';
import { Shell } from '@/features/coverage/shell.tsx';
import { toColumns } from '@/features/history/columns.ts';
import { historyFields } from '@/features/history/history-filter.ts';
import { HistoryTable } from '@/features/history/history-table.tsx';
import { HistoryLegend } from '@/features/history/legend.tsx';
import type { HistoryLine } from '@/features/history/line.ts';
import { MeasureChart } from '@/features/history/measure-chart.tsx';
import { type Better, type Chart, toCharts } from '@/features/history/measures.ts';
import { PointTable } from '@/features/history/point-table.tsx';
import { ShiftList } from '@/features/history/shift-list.tsx';
import { buildsOf, toTestLines } from '@/features/history/test-lines.ts';
import { KnownBy } from '@/features/known-issue/known-by.tsx';
import { TestHistoryDocument, type TestHistoryQuery } from '@/graphql/graphql.ts';
import { suitePath, testsPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { ExportMenu } from '@/ui/export-menu.tsx';
import { type Field, type Filters, known, readFilters, type SearchParams, toHref } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Note } from '@/ui/note.tsx';
import { count, percent, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import { day } from '@/ui/time.tsx';

type Props = {
  project: string;
  suite: string;
  test: string;
  params: SearchParams;
  data: TestHistoryQuery;
  variables: { measured: boolean } & Record<string, unknown>;
};

/** Results that are listed one by one. */
const LISTED = 100;

const BETTER: Field = {
  key: 'better',
  label: 'better is',
  kind: 'many',
  options: ['lower', 'higher'].map((value) => ({ value, label: value })),
};

/** One test by builds, device types and labs: what it says now, how it was, and what it measured. */
export function TestPage({ project, suite, test, params, data, variables }: Props) {
  const { points, truncated, levelShifts = [] } = data.testHistory;
  const labs = data.sources.nodes.map(({ slug }) => slug);
  const types = data.deviceTypes.nodes.map(({ name }) => name);
  const fields = [
    { key: 'test', label: 'test', kind: 'text' as const },
    { key: 'set', label: 'set', kind: 'text' as const },
    ...historyFields(labs, types, data.project?.branches ?? []),
    BETTER,
  ];
  const filters = readFilters(fields, params);
  const better = betterOf(fields, filters);
  const path = suitePath(project, suite);
  const builds = buildsOf(points);
  const columns = toColumns(
    project,
    builds.map(({ version, createdAt }) => ({ version, day: day(createdAt) })),
  );
  const lines = toTestLines(points, builds, suite, columns);
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        crumbs={[
          { label: 'Tests', href: testsPath() },
          { label: project, href: testsPath({ project }) },
          { label: suite, href: path },
          { label: test },
        ]}
        title={test}
        mono
        facts={factsOf(data.testHistory, builds.length)}
        actions={
          <>
            <ExportMenu title="Results of this test" query={{ project, suite, name: test }} />
            <ApiPanel query={TestHistoryDocument.toString()} variables={variables} />
          </>
        }
      />
      <TestVerdict lines={lines} />
      <FilterBar path={path} fields={fields} filters={filters} />
      {truncated && (
        <Note>Older results are left out: the builds asked for have more runs than are read for one page.</Note>
      )}
      {points.length === 0 ? (
        <Section id="history" title="History" hidden>
          <Empty
            title="No build has a result of this test"
            action={
              <Link className="btn" href={path} prefetch={false}>
                The tests of {suite}
              </Link>
            }
          >
            It is not known in this suite, or nothing is within the filters.
          </Empty>
        </Section>
      ) : (
        <>
          {data.testHistory.knownIssues.map((issue) => (
            <p key={issue.number}>
              <KnownBy issue={issue} />
            </p>
          ))}
          <Section
            id="history"
            title="History"
            caption={<Measure>{plural(builds.length, 'build')}, newest left; a row is a lab on a device type</Measure>}
            more={<HistoryLegend hasLost={false} />}
          >
            <HistoryTable labelledBy="history" head="Device type / lab" columns={columns} lines={lines} />
          </Section>
          {variables.measured ? (
            toCharts(points, levelShifts, builds).map((chart, i) => (
              <Section
                key={chart.key}
                id={`measure-${i}`}
                title={titleOf(chart)}
                caption={`${chart.units || 'no unit'}, newest left as above`}
                more={<BetterChoice path={path} filters={filters} better={better} />}
              >
                <MeasureChart chart={chart} columns={columns} better={better} id={`measure-${i}`} />
                <ShiftList shifts={chart.shifts} better={better} />
              </Section>
            ))
          ) : (
            <p className="dim" data-measure>
              What it measured is read for at most 1,000 results, and {count(points.length)} are here: choose a device
              type, a lab or fewer builds.
            </p>
          )}
          <Section
            id="results"
            title="Results"
            total={points.length}
            cut={points.length > LISTED}
            caption={points.length > LISTED ? `the newest ${LISTED} of ${count(points.length)}` : count(points.length)}
          >
            <PointTable points={points.slice(0, LISTED)} project={project} suite={suite} labelledBy="results" />
          </Section>
        </>
      )}
    </Shell>
  );
}

function factsOf({ points, passRate, flipRate, flakeInterval }: TestHistoryQuery['testHistory'], builds: number) {
  const [low, high] = flakeInterval ?? [];
  return [
    ['Results', <Counted key="results" value={points.length} href="#results" />] as const,
    ['Builds', <Measure key="builds">{count(builds)}</Measure>] as const,
    passRate !== null && (['Pass rate', <Measure key="rate">{percent(passRate)}</Measure>] as const),
    flipRate !== null &&
      low !== undefined &&
      high !== undefined &&
      ([
        'Flip rate',
        <Measure key="flips">{`${percent(flipRate)} (95 %: ${percent(low)} to ${percent(high)})`}</Measure>,
      ] as const),
  ];
}

function titleOf({ deviceType, set }: Chart): string {
  return `Measured on ${deviceType || 'no type'}${set === null ? '' : `, set ${set}`}`;
}

function betterOf(fields: readonly Field[], filters: Filters): Better {
  const value = known(fields, filters, BETTER.key)?.[0];
  return value === 'lower' || value === 'higher' ? value : undefined;
}

/** What is better is not guessed from a unit: the address says it. */
function BetterChoice({ path, filters, better }: { path: string; filters: Filters; better: Better }) {
  const { better: _, ...rest } = filters;
  return (
    <>
      {better === undefined && <span className="dim">Which direction is better is not known: </span>}
      {(['lower', 'higher'] as const).map((value) => (
        <Link
          key={value}
          className="chip"
          href={toHref(path, { ...rest, better: [value] })}
          scroll={false}
          prefetch={false}
          aria-current={value === better ? 'true' : undefined}
        >
          {value} is better
        </Link>
      ))}
    </>
  );
}

function TestVerdict({ lines }: { lines: readonly HistoryLine[] }) {
  const spoken = lines.flatMap(({ now, before, name }) => (now ? [{ ...now, where: `${name} on ${before}` }] : []));
  if (spoken.length === 0) return null;
  const failing = spoken.filter(({ isFailing }) => isFailing);
  const names = failing.slice(0, 3).map(({ where, text }) => `${where} (${text})`);
  const more = failing.length - names.length;
  return (
    <p className="verdict" data-measure>
      {failing.length === 0 ? (
        <b>Passes now, in {spoken.length === 1 ? 'the only place' : `all ${spoken.length} places`} it runs.</b>
      ) : (
        <>
          <b className="fail">
            Fails now in{' '}
            {failing.length === spoken.length
              ? spoken.length === 1
                ? 'the only place it runs'
                : `all ${spoken.length} places it runs`
              : `${failing.length} of ${spoken.length} places it runs`}
            .
          </b>{' '}
          <span className="dim">
            {names.join(', ')}
            {more > 0 && ` and ${more} more`}.
          </span>
        </>
      )}
    </p>
  );
}
