import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { jobFields, SEARCH, toJobFilter } from '@/features/job/job-filter.ts';
import { JobTable } from '@/features/job/job-table.tsx';
import { LiveJobs } from '@/features/job/live-jobs.tsx';
import { isOpen } from '@/features/job/verdict.ts';
import { JobFinishedDocument, JobsPageDocument } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE } from '@/lava.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { type Filters, readFilters, type SearchParams, toHref, without } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { plural, total } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

const PATH = '/jobs';
const PAGE = 50;
/** Jobs that the API looks at for a page, where no index knows which of them match. */
const LOOKED_AT = '10,000';

type Props = { searchParams: Promise<SearchParams> };

/** Title and page share one question; the key is text because the two are given different objects. */
const read = cache(async (key: string) => {
  const params: SearchParams = JSON.parse(key);
  // The options of lab and type come with the answer, so the question uses the fields without them.
  const filters = readFilters(jobFields([], []), params);
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = {
    filter: toJobFilter(jobFields([], []), filters),
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  return {
    filters,
    variables,
    isNewest: !after && !before,
    data: await askAt(JobsPageDocument, variables, {
      isPlaced: Boolean(after || before),
      start: toHref(PATH, filters),
    }),
  };
});

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { data, filters } = await read(JSON.stringify(await searchParams));
  return { title: `${matching(data.jobs)}${Object.keys(filters).length > 0 ? ' match' : ''}` };
}

export default async function Jobs({ searchParams }: Props) {
  const { filters, variables, isNewest, data } = await read(JSON.stringify(await searchParams));
  const { jobs, sources, deviceTypes } = data;
  const labs = sources.nodes.map(({ slug }) => slug);
  const fields = jobFields(
    labs,
    deviceTypes.nodes.map(({ name }) => name),
  );
  const goesOn = 'before' in variables ? jobs.pageInfo.hasPreviousPage : jobs.pageInfo.hasNextPage;
  const isShort = goesOn && jobs.nodes.length < PAGE;
  const { state: _, health: __, failureClass: ___, ...lasting } = variables.filter;
  return (
    <Shell freshness={data} concerns={filters.lab}>
      <PageHead
        title="Jobs"
        facts={[
          [
            'Match',
            <Counted key="match" value={jobs.totalCount} href="#jobs">
              {matching(jobs)}
            </Counted>,
          ],
          filters.checks ? null : ['Health checks', 'left out'],
        ]}
        actions={
          <>
            <LiveJobs
              query={JobFinishedDocument.toString()}
              filter={lasting}
              isNewest={isNewest}
              openCount={jobs.nodes.filter(({ state }) => isOpen(state)).length}
            />
            <ApiPanel query={JobsPageDocument.toString()} variables={variables} />
          </>
        }
      />
      <FilterBar
        path={PATH}
        fields={fields}
        filters={filters}
        search={SEARCH}
        quick={[
          { label: 'All', filters: {} },
          { label: 'Running', filters: { state: ['Running'] } },
          { label: 'Failing cases', filters: { failing: ['1'] } },
          { label: 'Infrastructure', filters: { class: INFRASTRUCTURE } },
        ]}
      />
      <Section id="jobs" title="Jobs" hidden className="tight">
        {jobs.nodes.length > 0 ? (
          <JobTable jobs={jobs.nodes} labelledBy="jobs" />
        ) : (
          !isShort && <NoJobs filters={filters} isNewest={isNewest} hasLabs={labs.length > 0} />
        )}
        {(jobs.nodes.length > 0 || isShort) && (
          <Pager
            page={jobs.pageInfo}
            href={(cursor) => toHref(PATH, filters, cursor)}
            total={isShort ? undefined : jobs.totalCount}
            caption={
              isShort
                ? `${plural(jobs.nodes.length, 'match', 'matches')} in the ${LOOKED_AT} jobs looked at; there are more to look at`
                : `${plural(jobs.nodes.length, 'job')} of ${total(jobs)}`
            }
          />
        )}
      </Section>
    </Shell>
  );
}

function matching(jobs: { totalCount: number; totalIsExact: boolean }): string {
  if (jobs.totalIsExact) return plural(jobs.totalCount, 'job');
  return jobs.totalCount === 0 ? `none of the newest ${LOOKED_AT} jobs` : `${total(jobs)} jobs`;
}

function NoJobs({ filters, isNewest, hasLabs }: { filters: Filters; isNewest: boolean; hasLabs: boolean }) {
  const [last] = Object.entries(filters).at(-1) ?? [];
  if (!isNewest) {
    return (
      <Empty title="Nothing lies beyond" action={<NewestLink filters={filters} />}>
        No job lies on this side of the place the address names.
      </Empty>
    );
  }
  if (last) {
    const values = filters[last]?.join(', ');
    return (
      <Empty
        title="No job matches"
        action={
          <Link className="btn" href={toHref(PATH, without(filters, last))} prefetch={false}>
            <Icon name="x" />
            Remove {last}: {values}
          </Link>
        }
      >
        All filters together leave nothing. Remove one to see more.
      </Empty>
    );
  }
  return (
    <Empty
      title="No job has been read yet"
      action={
        <Link className="btn" href="/labs">
          See the labs
        </Link>
      }
    >
      {hasLabs
        ? 'The labs are known; their first sync has not brought a job.'
        : 'No lab is configured: name one in basalt.yaml.'}
    </Empty>
  );
}

function NewestLink({ filters }: { filters: Filters }) {
  return (
    <Link className="btn" href={toHref(PATH, filters)} prefetch={false}>
      Newest jobs
    </Link>
  );
}
