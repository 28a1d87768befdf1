import type { Metadata } from 'next';
import Link from 'next/link';
import { ask, askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { NoSearchDocument, SearchPageDocument } from '@/graphql/graphql.ts';
import { searchPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { Hits, KINDS } from './hits.tsx';

type Props = { searchParams: Promise<SearchParams> };

const PAGE = 25;

async function read(searchParams: Props['searchParams']) {
  const params = await searchParams;
  const [q, kind, after] = [params.q, params.kind, params.after].map((value) => [value ?? []].flat()[0]);
  return { text: (q ?? '').trim(), kind: KINDS.find(({ value }) => value === kind), after };
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { text } = await read(searchParams);
  return { title: text === '' ? 'Search' : `Search: ${text}` };
}

export default async function Search({ searchParams }: Props) {
  const { text, kind, after } = await read(searchParams);
  if (text === '') {
    return (
      <Shell freshness={await ask(NoSearchDocument, {})} search="">
        <PageHead title="Search" />
        <Section id="begin" title="How to search" hidden>
          <Empty title="Look for a test, a job, a device or a build">
            By any part of its name; a job also by its number or description. Press <kbd>/</kbd> to begin.
          </Empty>
        </Section>
      </Shell>
    );
  }
  const variables = { text, first: PAGE, after, ...(kind && { kinds: [kind.kind] }) };
  const start = searchPath({ q: text, kind: kind?.value });
  const data = await askAt(SearchPageDocument, variables, { isPlaced: Boolean(after), start });
  const { nodes, pageInfo } = data.search;
  return (
    <Shell freshness={data} search={text}>
      <PageHead title="Search" actions={<ApiPanel query={SearchPageDocument.toString()} variables={variables} />} />
      <nav className="filters" aria-label="Kinds">
        {[undefined, ...KINDS].map((one) => (
          <Link
            key={one?.value ?? 'all'}
            className="chip"
            href={searchPath({ q: text, kind: one?.value })}
            aria-current={one?.value === kind?.value ? 'true' : undefined}
            prefetch={false}
          >
            {one ? `${one.label}s` : 'Everything'}
          </Link>
        ))}
      </nav>
      <Section id="found" title="Found" hidden className="tight">
        {nodes.length > 0 ? (
          <>
            <Hits hits={nodes} text={text} labelledBy="found" />
            <Pager
              page={{ ...pageInfo, hasPreviousPage: false }}
              href={(cursor) => searchPath({ q: text, kind: kind?.value, after: cursor.after })}
              total={pageInfo.hasNextPage || after ? undefined : nodes.length}
              caption={
                pageInfo.hasNextPage ? (
                  <Measure>{nodes.length} shown, there are more</Measure>
                ) : (
                  `${after ? 'the last ' : ''}${nodes.length} found`
                )
              }
              words={['Previous', 'More']}
            />
          </>
        ) : (
          <Empty
            title={`Nothing contains “${text}”`}
            action={
              kind && (
                <Link className="btn" href={searchPath({ q: text })} prefetch={false}>
                  Look at every kind
                </Link>
              )
            }
          >
            Looked at {kind ? `every ${kind.label.toLowerCase()}` : 'every test, job, device and build'} you may see.
            Fewer letters find more.
          </Empty>
        )}
      </Section>
    </Shell>
  );
}
