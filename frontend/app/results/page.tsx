import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { SEARCH } from '@/features/job/job-filter.ts';
import { resultFields, toResultFilter } from '@/features/test-case/result-filter.ts';
import { ResultTable } from '@/features/test-case/result-table.tsx';
import { ResultsPageDocument } from '@/graphql/graphql.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { readFilters, type SearchParams, toHref, withValue } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { count, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

const PATH = '/results';
const PAGE = 50;

type Props = { searchParams: Promise<SearchParams> };

const read = cache(async (key: string) => {
  const params: SearchParams = JSON.parse(key);
  const unbound = resultFields([], []);
  const filters = readFilters(unbound, params);
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = {
    filter: toResultFilter(unbound, filters),
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  const place = { isPlaced: Boolean(after || before), start: toHref(PATH, filters) };
  return { filters, variables, data: await askAt(ResultsPageDocument, variables, place) };
});

/** How many are not known where they are of more jobs than are looked at. */
const matching = (total: number | null) => (total === null ? 'many results' : plural(total, 'result'));

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { data } = await read(JSON.stringify(await searchParams));
  return { title: matching(data.testCases.totalCount) };
}

/** The results that a number counts, one by one. */
export default async function Results({ searchParams }: Props) {
  const { filters, variables, data } = await read(JSON.stringify(await searchParams));
  const { testCases, sources, deviceTypes } = data;
  const { nodes, pageInfo, totalCount } = testCases;
  const fields = resultFields(
    sources.nodes.map(({ slug }) => slug),
    deviceTypes.nodes.map(({ name }) => name),
  );
  const goesOn = pageInfo.hasNextPage || pageInfo.hasPreviousPage;
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        crumbs={[{ label: 'Jobs', href: toHref('/jobs', {}) }, { label: 'Results' }]}
        title="Results"
        facts={[
          [
            'Match',
            totalCount === null ? (
              matching(totalCount)
            ) : (
              <Counted key="match" value={totalCount} href="#results">
                {matching(totalCount)}
              </Counted>
            ),
          ],
          filters.checks ? null : ['Health checks', 'left out'],
        ]}
        actions={<ApiPanel query={ResultsPageDocument.toString()} variables={variables} />}
      />
      <FilterBar
        path={PATH}
        fields={fields}
        filters={filters}
        search={SEARCH}
        quick={[
          { label: 'All', filters: {} },
          { label: 'Fail', filters: withValue(filters, 'result', 'Fail') },
          { label: 'Skip', filters: withValue(filters, 'result', 'Skip') },
        ]}
      />
      <Section id="results" title="Results" hidden className="tight">
        {nodes.length > 0 && <ResultTable results={nodes} labelledBy="results" />}
        {nodes.length > 0 || goesOn ? (
          <Pager
            page={pageInfo}
            href={(cursor) => toHref(PATH, filters, cursor)}
            total={totalCount ?? undefined}
            caption={
              totalCount === null
                ? `${count(nodes.length)} shown, there may be more`
                : `${count(nodes.length)} of ${plural(totalCount, 'result')}`
            }
          />
        ) : (
          <Empty
            title="No result matches"
            action={
              <Link className="btn" href={PATH} prefetch={false}>
                All results
              </Link>
            }
          >
            Results of jobs that have finished are here, until the retention of their lab deletes them one by one.
          </Empty>
        )}
      </Section>
    </Shell>
  );
}
