import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { ask, askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { failureFields, jobsByDay } from '@/features/failure/failure-filter.ts';
import { GroupJobs } from '@/features/failure/group-jobs.tsx';
import { GroupClass } from '@/features/failure/group-words.tsx';
import { KnownBy } from '@/features/known-issue/known-by.tsx';
import { Merged, MergeForm } from '@/features/triage/merge-form.tsx';
import { Said } from '@/features/triage/said.tsx';
import { SplitForm, SplitFrom, SplitOff } from '@/features/triage/split-form.tsx';
import { readSplit } from '@/features/triage/split-words.ts';
import { outcomeOf } from '@/features/triage/triage-filter.ts';
import { FormOutcome, TriageForm } from '@/features/triage/triage-form.tsx';
import { refusalOf } from '@/features/triage/triage-words.ts';
import { FailurePageDocument, TrySplitDocument } from '@/graphql/graphql.ts';
import { isInfrastructure } from '@/lava.ts';
import { auditLogPath, devicePath, failurePath, labPath, newIssuePath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { known, readFilters, type SearchParams } from '@/ui/filter.ts';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { decodeSegment } from '@/ui/segment.ts';
import { Sparkline } from '@/ui/sparkline.tsx';
import { Age } from '@/ui/time.tsx';

type Props = { params: Promise<{ fingerprint: string }>; searchParams: Promise<SearchParams> };

const PAGE = 50;

/** In the scope of the address; without one, all jobs that were ever in the group. */
const read = cache(async (fingerprint: string, key: string) => {
  const params: SearchParams = JSON.parse(key);
  const fields = failureFields([], []);
  const { lab, type, ...filters } = readFilters(fields, params);
  const since = known(fields, filters, 'since')?.[0];
  const scope = { lab, type, since };
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const into = [params.into].flat()[0] ?? '';
  const variables = {
    fingerprint,
    into,
    isMerging: into !== '' && into !== fingerprint,
    scope: {
      sources: lab && [...lab],
      deviceTypes: type && [...type],
      since: since && `${since}T00:00:00Z`,
    },
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  const start = failurePath(fingerprint, scope);
  const data = await askAt(FailurePageDocument, variables, { isPlaced: Boolean(after || before), start });
  return { data, variables, scope };
});

const readPage = async ({ params, searchParams }: Props) =>
  read(decodeSegment((await params).fingerprint), JSON.stringify(await searchParams));

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { data } = await readPage(props);
  return { title: data.failureGroup?.title ?? data.groupSplits[0]?.title ?? 'No such failure' };
}

export default async function Failure(props: Props) {
  const { data, variables, scope } = await readPage(props);
  const outcome = outcomeOf(await props.searchParams);
  const group = data.failureGroup;
  const mayTriage = data.viewer.scopes.includes('write:triage');
  if (!group) {
    const [split] = data.groupSplits;
    if (!split) notFound();
    return (
      <Shell freshness={data} concerns={[]}>
        <PageHead
          crumbs={[{ label: 'Failures', href: '/failures' }, { label: split.fingerprint.slice(0, 11) }]}
          title={split.title}
        />
        <p>Each of its jobs is in a part of it.</p>
        <SplitOff splits={data.groupSplits} mayTriage={mayTriage} />
      </Shell>
    );
  }
  const { fingerprint, title, why, count, firstSeen, lastSeen, sources, devices, days, jobs } = group;
  const here = failurePath(fingerprint, scope);
  const tried = mayTriage ? readSplit(fingerprint, await props.searchParams) : null;
  const trial = tried && (await ask(TrySplitDocument, { input: tried })).trySplit;
  const isNarrowed = Object.values(scope).some((value) => value !== undefined);
  const byDay = jobsByDay(days, scope.since ?? firstSeen);
  return (
    <Shell freshness={data} concerns={sources.map(({ slug }) => slug)}>
      <PageHead
        crumbs={[{ label: 'Failures', href: '/failures' }, { label: fingerprint.slice(0, 11) }]}
        title={title}
        facts={[
          ['Kind', <GroupClass key="kind" group={group} />],
          ['Jobs', <Counted key="jobs" value={count} href="#jobs" />],
          ['First seen', <Age key="first" at={firstSeen} suffix=" ago" />],
          ['Last seen', <Age key="last" at={lastSeen} suffix=" ago" />],
        ]}
        actions={<ApiPanel query={FailurePageDocument.toString()} variables={variables} />}
      />
      <p>
        <b>Why they are one group.</b> {why}
      </p>
      {group.knownIssues.map(({ issue, jobs: explained }) => (
        <p key={issue.number}>
          <KnownBy issue={issue} />{' '}
          <span className="dim" data-measure>
            explains {explained} of {plural(count, 'job')}
          </span>
        </p>
      ))}
      {group.triage && <Said said={group.triage} />}
      <FormOutcome done={outcome.done} refused={outcome.refused && refusalOf(outcome.refused)} next={here} />
      {data.viewer.scopes.includes('read:private') && (
        <p>
          <Link href={auditLogPath({ target: fingerprint })} prefetch={false}>
            Who said what of it, and when
          </Link>
        </p>
      )}
      {group.splitFrom && <SplitFrom split={group.splitFrom} mayTriage={mayTriage} />}
      <SplitOff splits={data.groupSplits} mayTriage={mayTriage} />
      <Merged merged={group.merged} next={here} mayTriage={mayTriage} />
      {mayTriage && (
        <>
          <TriageForm
            fingerprint={fingerprint}
            title={title}
            state={group.triage?.state}
            next={here}
            more={{ issues: data.knownIssues.nodes, said: group.triage?.knownIssue ?? null }}
          />
          <p>
            <Link href={newIssuePath(group)} prefetch={false}>
              Enter a known issue for it
            </Link>
          </p>
          <MergeForm
            fingerprint={fingerprint}
            count={data.whole?.count ?? count}
            others={data.others.nodes}
            into={data.into ?? null}
            here={here}
            there={failurePath(data.into?.fingerprint ?? fingerprint)}
          />
          <SplitForm input={tried} trial={trial} here={failurePath(fingerprint)} />
        </>
      )}
      <p>
        <Sparkline
          values={byDay}
          label={`${plural(byDay.at(-1) ?? 0, 'job')} today`}
          tone={isInfrastructure(group.class) ? 'infra' : undefined}
        />{' '}
        <span className="dim" data-measure>
          {plural(sources.length, 'lab')} {'·'} {plural(devices.length, 'device')}:
        </span>{' '}
        {sources.map(({ slug }) => (
          <span key={slug}>
            <Link className="link" href={labPath(slug)} prefetch={false}>
              {slug}
            </Link>{' '}
          </span>
        ))}
        {devices.slice(0, 20).map(({ hostname, source }) => (
          <span key={`${source.slug}/${hostname}`}>
            <Link className="link mono" href={devicePath(source.slug, hostname)} prefetch={false}>
              {hostname}
            </Link>{' '}
          </span>
        ))}
      </p>
      <Section
        id="jobs"
        title="Jobs"
        caption={scope.since ? `since ${scope.since}` : 'all that are stored'}
        more={
          isNarrowed && (
            <Link href={failurePath(fingerprint)} prefetch={false}>
              All jobs with this failure
            </Link>
          )
        }
      >
        <GroupJobs jobs={jobs.nodes} fingerprint={fingerprint} labelledBy="jobs" />
        <Pager
          page={jobs.pageInfo}
          href={(cursor) => failurePath(fingerprint, { ...scope, ...cursor })}
          total={jobs.totalCount}
          caption={`${jobs.nodes.length} of ${plural(jobs.totalCount, 'job')}`}
        />
      </Section>
    </Shell>
  );
}
