import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { WORD } from '@/features/attribution/cause-tag.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { IssueChanges } from '@/features/known-issue/issue-changes.tsx';
import { IssueEditor } from '@/features/known-issue/issue-editor.tsx';
import { formOf } from '@/features/known-issue/issue-form.ts';
import { IssueMatches } from '@/features/known-issue/issue-matches.tsx';
import { IssueQuiet } from '@/features/known-issue/issue-quiet.tsx';
import { IssueTrial } from '@/features/known-issue/issue-trial.tsx';
import { IssueState, ruleOf, Tracker } from '@/features/known-issue/issue-words.tsx';
import { readIssueForm } from '@/features/known-issue/read-issue-form.ts';
import { KnownIssuePageDocument } from '@/graphql/graphql.ts';
import { issuePath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { count, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { Age, day } from '@/ui/time.tsx';

type Props = { params: Promise<{ number: string }>; searchParams: Promise<SearchParams> };

const PAGE = 50;

const read = cache(async (text: string, key: string) => {
  const params: SearchParams = JSON.parse(key);
  const number = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = { number, ...(before ? { last: PAGE, before } : { first: PAGE, after }) };
  const at = { isPlaced: Boolean(after || before), start: issuePath(number) };
  return { number, variables, data: await askAt(KnownIssuePageDocument, variables, at) };
});

const readPage = async ({ params, searchParams }: Props) =>
  read((await params).number, JSON.stringify(await searchParams));

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { data } = await readPage(props);
  return { title: data.knownIssue?.title ?? 'No such issue' };
}

export default async function Issue(props: Props) {
  const { number, variables, data } = await readPage(props);
  const issue = data.knownIssue;
  if (!issue) notFound();
  const { nodes, pageInfo } = issue.matches;
  const mayChange = data.viewer.scopes.includes('write:triage');
  const query = await props.searchParams;
  const { form, problems, trial } = await readIssueForm(query, formOf(issue), mayChange);
  const path = issuePath(number);
  return (
    <Shell freshness={data} concerns={issue.source ? [issue.source] : []}>
      <PageHead
        crumbs={[{ label: 'Known issues', href: '/issues' }, { label: String(number) }]}
        title={issue.title}
        facts={[
          ['State', <IssueState key="state" state={issue.state} />],
          ['Lately', <Measure key="newest">{`${count(issue.matchesLast30Days)} in 30 days`}</Measure>],
          ['Jobs', <Counted key="jobs" value={issue.matchCount} href="#matches" />],
          ['Known since', <time key="since">{day(issue.since)}</time>],
          issue.lastMatchAt && ['Last', <Age key="last" at={issue.lastMatchAt} suffix=" ago" />],
          issue.culprit && ['Fault', WORD[issue.culprit]],
          issue.url && ['Tracker', <Tracker key="tracker" url={issue.url} />],
        ]}
        actions={<ApiPanel query={KnownIssuePageDocument.toString()} variables={variables} />}
      />
      <p data-measure>
        <b>It explains</b> {ruleOf(issue)}: wherever that happens again.
        {issue.reopenedAt && ` It was said to be fixed, and a failure ended on ${day(issue.reopenedAt)}, later.`}
        {issue.state === 'EXPIRED' && ' It has expired and explains nothing any more.'}
        {issue.isBeingHeld &&
          !issue.problem &&
          ' Stored jobs are still held against it, the newest first: there may be more.'}
      </p>
      {issue.problem && (
        <p className="problem" role="alert" data-measure>
          Its rule cannot be run any more. No job is held against it until it is changed: {issue.problem}
        </p>
      )}
      <IssueQuiet issue={issue} mayChange={mayChange} />
      {trial && <IssueTrial trial={trial} />}
      <Section id="matches" title="Jobs">
        <IssueMatches matches={nodes} />
        {issue.matchCount > 0 && (
          <Pager
            page={pageInfo}
            href={(cursor) => `${issuePath(number, cursor)}#matches`}
            total={issue.matchCount}
            caption={`${nodes.length} of ${plural(issue.matchCount, 'job')}`}
          />
        )}
      </Section>
      {mayChange && (
        <Section id="edit" title="Change it">
          <IssueEditor
            form={form}
            number={number}
            path={path}
            labs={data.coverage.sources.map(({ source }) => source.slug)}
            problems={problems}
          />
        </Section>
      )}
      {issue.changes.length > 0 && (
        <Section id="changes" title="Changes">
          {query.late !== undefined && (
            <p className="problem" role="alert">
              It was changed since, or you may not change it: nothing was done.
            </p>
          )}
          <IssueChanges number={number} changes={issue.changes} mayChange={mayChange} />
        </Section>
      )}
      <p className="dim">
        <Link className="link" href="/issues" prefetch={false}>
          All known issues
        </Link>
      </p>
    </Shell>
  );
}
