import type { Metadata } from 'next';
import Link from 'next/link';
import { cache, type ReactNode } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { TriageDesk } from '@/features/triage/triage-desk.tsx';
import { outcomeOf, TRIAGED, toTriageFilters, triageFields, triageSince } from '@/features/triage/triage-filter.ts';
import { FormOutcome } from '@/features/triage/triage-form.tsx';
import { TriageTable } from '@/features/triage/triage-table.tsx';
import { refusalOf } from '@/features/triage/triage-words.ts';
import {
  OfferedIssuesDocument,
  SaveIssueDocument,
  SetTriageDocument,
  TriagePageDocument,
  UndoTriageDocument,
} from '@/graphql/graphql.ts';
import { signInPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Empty } from '@/ui/empty.tsx';
import { known, readFilters, type SearchParams, toHref, without } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { ListsNav } from '@/ui/lists-nav.tsx';
import { count, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { day } from '@/ui/time.tsx';

type Props = { searchParams: Promise<SearchParams> };

const PATH = '/triage';
const PAGE = 50;

const read = cache(async (key: string) => {
  const params: SearchParams = JSON.parse(key);
  const unbound = triageFields([], []);
  const filters = readFilters(unbound, params);
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = {
    ...toTriageFilters(unbound, filters),
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  const place = { isPlaced: Boolean(after || before), start: toHref(PATH, filters) };
  const data = await askAt(TriagePageDocument, variables, place);
  const isForUntriaged = known(unbound, filters, 'said') === undefined;
  const next = toHref(PATH, filters, before ? { before } : { after });
  return {
    filters,
    variables,
    data,
    isForUntriaged,
    next,
    since: triageSince(unbound, filters),
    outcome: outcomeOf(params),
  };
});

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { data, isForUntriaged } = await read(JSON.stringify(await searchParams));
  const failures = plural(data.failureGroups.totalCount, 'failure');
  return { title: isForUntriaged ? `${failures} to triage` : `${failures} triaged` };
}

export default async function Triage({ searchParams }: Props) {
  const { filters, variables, data, isForUntriaged, next, since, outcome } = await read(
    JSON.stringify(await searchParams),
  );
  const { failureGroups, sources, deviceTypes, all, done, viewer, meta } = data;
  const mayTriage = viewer.scopes.includes('write:triage');
  const fields = triageFields(
    sources.nodes.map(({ slug }) => slug),
    deviceTypes.nodes.map(({ name }) => name),
  );
  const period = filters.since ? `failures since ${day(since)}` : 'failures of this week';
  const progress = { done: done.totalCount, all: all.totalCount, period };
  const list: ReactNode =
    failureGroups.nodes.length > 0 ? (
      <>
        <TriageTable
          groups={failureGroups.nodes}
          scope={{ lab: filters.lab, type: filters.type, since }}
          since={since}
          mayTriage={mayTriage}
          next={next}
          labelledBy="groups"
        />
        <Pager
          page={failureGroups.pageInfo}
          href={(cursor) => toHref(PATH, filters, cursor)}
          total={failureGroups.totalCount}
          caption={`${failureGroups.nodes.length} of ${plural(failureGroups.totalCount, 'failure')}`}
          words={['Previous', 'Next']}
        />
      </>
    ) : (
      <NothingToDo filters={filters} all={all.totalCount} isForUntriaged={isForUntriaged} since={since} />
    );
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        title="Triage"
        facts={[
          ['Since', <time key="since">{day(since)}</time>],
          ['Order', 'labs × builds × jobs'],
        ]}
        actions={<ApiPanel query={TriagePageDocument.toString()} variables={variables} />}
      />
      <ListsNav of="failures" current="/triage" />
      <p className="dim">
        {isForUntriaged
          ? 'Failures that nobody has said anything of, and those that fail again after they were said to be fixed. '
          : 'Failures that somebody has said something of. '}
        What hits the most labs, builds and jobs, multiplied, comes first.{' '}
        {mayTriage ? (
          'Press ? for the keys.'
        ) : (
          <>
            You read this only: the role triage or admin says what a failure is.
            {viewer.isAnonymous && meta.canSignIn && (
              <>
                {' '}
                <Link href={signInPath(next)} prefetch={false}>
                  Sign in
                </Link>
              </>
            )}
          </>
        )}
      </p>
      <FormOutcome done={outcome.done} refused={outcome.refused && refusalOf(outcome.refused)} next={next} />
      <FilterBar
        path={PATH}
        fields={fields}
        filters={filters}
        quick={[
          { label: 'To triage', filters: without(filters, 'said') },
          { label: 'Triaged', filters: { ...filters, ...TRIAGED } },
        ]}
      />
      <Section id="groups" title="Failures" hidden className="tight">
        {mayTriage ? (
          <TriageDesk
            groups={failureGroups.nodes.map(({ fingerprint, title, errorPattern, logPattern }) => ({
              ...{ fingerprint, title, errorPattern, logPattern },
            }))}
            queries={{
              ...{ set: SetTriageDocument.toString(), undo: UndoTriageDocument.toString() },
              ...{ issues: OfferedIssuesDocument.toString(), save: SaveIssueDocument.toString() },
            }}
            isForUntriaged={isForUntriaged}
            progress={progress}
          >
            {list}
          </TriageDesk>
        ) : (
          <>
            <p className="verdict" data-measure>
              <b>
                {count(progress.done)} of {count(progress.all)}
              </b>{' '}
              {progress.period} {progress.done === 1 ? 'is' : 'are'} triaged.
            </p>
            {list}
          </>
        )}
      </Section>
    </Shell>
  );
}

type NothingProps = {
  filters: ReturnType<typeof readFilters>;
  all: number;
  isForUntriaged: boolean;
  since: string;
};

function NothingToDo({ filters, all, isForUntriaged, since }: NothingProps) {
  const [lastKey] = Object.keys(filters).slice(-1);
  const isDone = all > 0 && isForUntriaged;
  return (
    <Empty
      title={
        isDone ? 'Everything is triaged' : isForUntriaged ? 'Nothing has failed' : 'Nobody has said so of any failure'
      }
      action={
        isDone ? (
          <Link className="btn" href={toHref(PATH, { ...filters, ...TRIAGED })} prefetch={false}>
            See what was said
          </Link>
        ) : lastKey ? (
          <Link className="btn" href={toHref(PATH, without(filters, lastKey))} prefetch={false}>
            <Icon name="x" />
            Remove {lastKey}: {filters[lastKey]?.join(', ')}
          </Link>
        ) : (
          <Link className="btn" href="/failures">
            See the failures of 30 days
          </Link>
        )
      }
    >
      {isDone
        ? `Somebody has said of all ${count(all)} failures since ${day(since)} what they are, and none fails again that was fixed.`
        : isForUntriaged
          ? `No job that you may see has failed since ${day(since)} within these filters.`
          : `Of the ${plural(all, 'failure')} since ${day(since)} within these filters.`}
    </Empty>
  );
}
