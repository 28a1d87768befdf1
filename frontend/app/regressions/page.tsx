import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { PERIODS, periodOf, regressionFields, toRegressionFilter } from '@/features/regression/regression-filter.ts';
import { RegressionTable } from '@/features/regression/regression-table.tsx';
import { RegressionVerdict, verdictOf } from '@/features/regression/regression-verdict.tsx';
import { RegressionsPageDocument } from '@/graphql/graphql.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { FeedLink } from '@/ui/feed-link.tsx';
import { readFilters, type SearchParams, toHref, without, withValue } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { ListsNav } from '@/ui/lists-nav.tsx';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

type Props = { searchParams: Promise<SearchParams> };

const PATH = '/regressions';
const PAGE = 50;

const read = cache(async (key: string) => {
  const params: SearchParams = JSON.parse(key);
  const filters = readFilters(regressionFields([], [], []), params);
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = {
    filter: toRegressionFilter(filters, Date.now()),
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  const start = toHref(PATH, filters);
  const data = await askAt(RegressionsPageDocument, variables, { isPlaced: Boolean(after || before), start });
  return { filters, variables, data };
});

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { data, filters } = await read(JSON.stringify(await searchParams));
  return { title: verdictOf(data.regressions, periodOf(filters).words) };
}

export default async function Regressions({ searchParams }: Props) {
  const { filters, variables, data } = await read(JSON.stringify(await searchParams));
  const { regressions, sources, deviceTypes, projects } = data;
  const { nodes, pageInfo, policy } = regressions;
  const fields = regressionFields(
    sources.nodes.map(({ slug }) => slug),
    deviceTypes.nodes.map(({ name }) => name),
    projects.nodes.map(({ slug }) => slug),
  );
  const period = periodOf(filters);
  const narrowing = Object.keys(filters).filter((key) => key !== 'days');
  const [lastKey] = narrowing.slice(-1);
  const wider = PERIODS.find(({ days }) => Number(days) > Number(period.days));
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        title="Regressions"
        facts={[
          ['Began within', <Measure key="period">{period.label}</Measure>],
          ['Held against', <Measure key="base">{policy.baseDays} days before</Measure>],
          [
            'Significant',
            <Measure key="policy">
              {`p below ${Number((1 - policy.confidence / 100).toPrecision(3))}, ${policy.minFails} failures or more`}
            </Measure>,
          ],
        ]}
        actions={
          <>
            <FeedLink name="regressions" title="Regressions" query={{ ...filters, days: period.days }} />
            <ApiPanel query={RegressionsPageDocument.toString()} variables={variables} />
          </>
        }
      />
      <ListsNav of="tests" current={PATH} />
      {regressions.truncated && (
        <p className="dim">
          Some suites have more runs in this time than are read for one page: their windows are short, and a test may be
          missing here. A shorter period, a lab or a device type shows them.
        </p>
      )}
      <RegressionVerdict regressions={regressions} period={period.words} labs={filters.lab} />
      <FilterBar
        path={PATH}
        fields={fields}
        filters={filters}
        quick={[
          ...PERIODS.map(({ days, label }) => ({ label, filters: withValue(filters, 'days', days) })),
          { label: 'Still failing', filters: withValue(filters, 'state', 'open') },
        ]}
      />
      <Section id="regressions" title="Regressions" hidden className="tight">
        {nodes.length > 0 ? (
          <>
            <RegressionTable
              regressions={nodes}
              labs={sources.nodes.map(({ slug }) => slug)}
              labelledBy="regressions"
            />
            <Pager
              page={pageInfo}
              href={(cursor) => toHref(PATH, filters, cursor)}
              total={pageInfo.hasNextPage || pageInfo.hasPreviousPage ? undefined : nodes.length}
              caption={`${plural(nodes.length, 'regression')}${pageInfo.hasNextPage ? ', there may be more' : ''}`}
            />
          </>
        ) : (
          <Empty
            title={`No regression ${period.words}`}
            action={
              lastKey ? (
                <Link className="btn" href={toHref(PATH, without(filters, lastKey))} prefetch={false}>
                  <Icon name="x" />
                  Remove {lastKey}: {filters[lastKey]?.join(', ')}
                </Link>
              ) : (
                <Link
                  className="btn"
                  href={wider ? toHref(PATH, withValue(filters, 'days', wider.days)) : '/builds'}
                  prefetch={false}
                >
                  {wider ? `Look at ${wider.label}` : 'See the builds'}
                </Link>
              )
            }
          >
            No test that passed began to fail more often than chance explains. A test needs {policy.minFails} failing
            runs to be told here.
          </Empty>
        )}
        {nodes.length === 0 && pageInfo.hasNextPage && (
          <Pager page={pageInfo} href={(cursor) => toHref(PATH, filters, cursor)} caption="Older ones may be there" />
        )}
      </Section>
    </Shell>
  );
}
