import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { failureFields, sinceOf, toFailureFilter } from '@/features/failure/failure-filter.ts';
import { GroupTable } from '@/features/failure/group-table.tsx';
import { FailuresPageDocument } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE } from '@/lava.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { FeedLink } from '@/ui/feed-link.tsx';
import { readFilters, type SearchParams, toHref, without } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { ListsNav } from '@/ui/lists-nav.tsx';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { day } from '@/ui/time.tsx';

type Props = { searchParams: Promise<SearchParams> };

const PATH = '/failures';
const PAGE = 50;

const read = cache(async (key: string) => {
  const params: SearchParams = JSON.parse(key);
  const unbound = failureFields([], []);
  const filters = readFilters(unbound, params);
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = {
    filter: toFailureFilter(unbound, filters),
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  const isPlaced = Boolean(after || before);
  const data = await askAt(FailuresPageDocument, variables, { isPlaced, start: toHref(PATH, filters) });
  return { filters, variables, data, since: sinceOf(unbound, filters) };
});

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { data, since } = await read(JSON.stringify(await searchParams));
  return { title: `${plural(data.failureGroups.totalCount, 'group')} of failures since ${day(since)}` };
}

export default async function Failures({ searchParams }: Props) {
  const { filters, variables, data, since } = await read(JSON.stringify(await searchParams));
  const { failureGroups, sources, deviceTypes } = data;
  const fields = failureFields(
    sources.nodes.map(({ slug }) => slug),
    deviceTypes.nodes.map(({ name }) => name),
  );
  const [lastKey] = Object.keys(filters).slice(-1);
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        title="Failures"
        facts={[
          ['Groups', <Counted key="groups" value={failureGroups.totalCount} href="#groups" />],
          ['Since', <time key="since">{day(since)}</time>],
        ]}
        actions={
          <>
            <FeedLink name="failures" title="New failures" query={{ ...filters, since: undefined }} />
            <ApiPanel query={FailuresPageDocument.toString()} variables={variables} />
          </>
        }
      />
      <ListsNav of="failures" current="/failures" />
      <p className="dim">
        Failures that are the same are one row, whatever board, lab, number and time they had; those that hit the most
        jobs come first.
      </p>
      <FilterBar
        path={PATH}
        fields={fields}
        filters={filters}
        quick={[
          { label: 'All failures', filters: {} },
          { label: 'Kernel', filters: { kind: ['Kernel'] } },
          { label: 'Infrastructure', filters: { class: INFRASTRUCTURE } },
        ]}
      />
      <Section id="groups" title="Groups" hidden className="tight">
        {failureGroups.nodes.length > 0 ? (
          <>
            <GroupTable
              groups={failureGroups.nodes}
              scope={{ lab: filters.lab, type: filters.type, since }}
              since={since}
              labelledBy="groups"
            />
            <Pager
              page={failureGroups.pageInfo}
              href={(cursor) => toHref(PATH, filters, cursor)}
              total={failureGroups.totalCount}
              caption={`${failureGroups.nodes.length} of ${plural(failureGroups.totalCount, 'group')}`}
              words={['Previous', 'Next']}
            />
          </>
        ) : (
          <Empty
            title={lastKey ? 'No failure matches' : 'Nothing has failed'}
            action={
              lastKey ? (
                <Link className="btn" href={toHref(PATH, without(filters, lastKey))} prefetch={false}>
                  <Icon name="x" />
                  Remove {lastKey}: {filters[lastKey]?.join(', ')}
                </Link>
              ) : (
                <Link className="btn" href="/jobs">
                  See the jobs
                </Link>
              )
            }
          >
            {lastKey
              ? 'All filters together leave nothing.'
              : `No job that you may see has failed since ${day(since)}, and no kernel has complained.`}
          </Empty>
        )}
      </Section>
    </Shell>
  );
}
