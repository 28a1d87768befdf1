import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { DAYS, daysOf, flakyFields, toFlakyVariables } from '@/features/flaky-test/flaky-filter.ts';
import { FlakyTable } from '@/features/flaky-test/flaky-table.tsx';
import { FlakyPageDocument } from '@/graphql/graphql.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { readFilters, type SearchParams, toHref, without, withValue } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { ListsNav } from '@/ui/lists-nav.tsx';
import { count, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

type Props = { searchParams: Promise<SearchParams> };

const PATH = '/flaky';
const PAGE = 50;

const read = cache(async (key: string) => {
  const params: SearchParams = JSON.parse(key);
  const filters = readFilters(flakyFields([], []), params);
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = { ...toFlakyVariables(filters), ...(before ? { last: PAGE, before } : { first: PAGE, after }) };
  const place = { isPlaced: Boolean(after || before), start: toHref(PATH, filters) };
  return { filters, variables, data: await askAt(FlakyPageDocument, variables, place) };
});

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { data, filters } = await read(JSON.stringify(await searchParams));
  return { title: `${plural(data.flakyTests.totalCount, 'test')} turned to fail in ${daysOf(filters)} days` };
}

export default async function Flaky({ searchParams }: Props) {
  const { filters, variables, data } = await read(JSON.stringify(await searchParams));
  const { flakyTests, sources, deviceTypes } = data;
  const { nodes, totalCount, pageInfo } = flakyTests;
  const fields = flakyFields(
    sources.nodes.map(({ slug }) => slug),
    deviceTypes.nodes.map(({ name }) => name),
  );
  const days = daysOf(filters);
  const [lastKey] = Object.keys(filters).slice(-1);
  const flaky = nodes.filter(({ state }) => state === 'FLAKY').length;
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        title="Flaky tests"
        facts={[
          ['Within', <Measure key="days">{days} days</Measure>],
          ['Flaky from', <Measure key="from">3 flakes and 5 % of 50 runs</Measure>],
          ['Until', <Measure key="until">under 2 %</Measure>],
        ]}
        actions={<ApiPanel query={FlakyPageDocument.toString()} variables={variables} />}
      />
      <ListsNav of="tests" current={PATH} />
      <p className="verdict">
        <b>
          {totalCount === 0 ? (
            'No test turned to fail'
          ) : (
            <>
              <Counted value={totalCount} href="#flaky">
                {plural(totalCount, 'test')}
              </Counted>{' '}
              turned to fail
            </>
          )}{' '}
          <Measure>in {days} days.</Measure>
        </b>{' '}
        <span className="dim" data-measure>
          {nodes.length > 0 &&
            `${count(flaky)} of the ${count(nodes.length)} shown ${flaky === 1 ? 'is' : 'are'} flaky. `}
          Three failures in a row are a break; jobs that the lab failed, or of which nearly all fails together, are left
          out.
        </span>
      </p>
      <FilterBar
        path={PATH}
        fields={fields}
        filters={filters}
        quick={[
          ...DAYS.map((value) => ({ label: `${value} days`, filters: withValue(filters, 'days', value) })),
          { label: 'Lab by lab', filters: withValue(filters, 'each', '1') },
        ]}
      />
      <Section id="flaky" title="Flaky tests" hidden className="tight">
        {nodes.length > 0 ? (
          <>
            <FlakyTable tests={nodes} labelledBy="flaky" byLab={variables.by === 'SOURCE'} />
            <Pager
              page={pageInfo}
              href={(cursor) => toHref(PATH, filters, cursor)}
              total={totalCount}
              caption={`${count(nodes.length)} of ${plural(totalCount, 'test')}, most turns first`}
              words={['Previous', 'Next']}
            />
          </>
        ) : (
          <Empty
            title={lastKey ? 'No test matches' : 'Nothing turned to fail'}
            action={
              lastKey ? (
                <Link className="btn" href={toHref(PATH, without(filters, lastKey))} prefetch={false}>
                  <Icon name="x" />
                  Remove {lastKey}: {filters[lastKey]?.join(', ')}
                </Link>
              ) : (
                <Link className="btn" href={toHref(PATH, { days: ['90'] })} prefetch={false}>
                  Look at 90 days
                </Link>
              )
            }
          >
            A test appears here when it fails and the run before did not.
          </Empty>
        )}
      </Section>
    </Shell>
  );
}
