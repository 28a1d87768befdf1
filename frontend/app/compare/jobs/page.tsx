import type { Metadata } from 'next';
import Form from 'next/form';
import Link from 'next/link';
import { cache, Fragment } from 'react';
import { ask, askAt } from '@/api-client.ts';
import { ChangeSection } from '@/features/compare/change-section.tsx';
import { TransitionChips, titleOf } from '@/features/compare/compare-verdict.tsx';
import { type JobsAsked, jobsAddress, readJobs, toJobRef } from '@/features/compare/jobs-address.ts';
import { logsInWords, SideBySide } from '@/features/compare/side-by-side.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { CompareJobsHeadDocument, CompareJobsPageDocument, type CompareJobsPageQuery } from '@/graphql/graphql.ts';
import { jobPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Icon } from '@/ui/glyph.tsx';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';

type Props = { searchParams: Promise<SearchParams> };

const ROWS = 50;

const read = cache(async (query: string) => {
  const params: SearchParams = JSON.parse(query);
  const asked = readJobs(params);
  const [base, target] = [toJobRef(asked.base), toJobRef(asked.target)];
  const head = await ask(CompareJobsHeadDocument, {
    base: base?.source ?? '',
    baseId: base?.externalId ?? '',
    target: target?.source ?? '',
    targetId: target?.externalId ?? '',
  });
  const none = { asked, head, data: null, variables: null };
  if (!base || !target || !head.base || !head.target) return none;
  const { baseFrom, targetFrom, show, after, before } = asked;
  const page = before ? { last: ROWS, before } : { first: ROWS, after };
  const variables = { base, target, baseFrom, targetFrom, show: [show], ...page };
  const isPlaced = Boolean(after || before);
  const data = await askAt(CompareJobsPageDocument, variables, { isPlaced, start: jobsAddress(asked) });
  return { ...none, data, variables };
});

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { asked, data } = await read(JSON.stringify(await searchParams));
  if (!data) return { title: 'Compare two jobs' };
  const { counts, pairCount } = data.compareJobs;
  return { title: `${asked.base} to ${asked.target}: ${pairCount > 0 ? titleOf(counts) : 'no test in common'}` };
}

export default async function Jobs({ searchParams }: Props) {
  const { asked, head, data, variables } = await read(JSON.stringify(await searchParams));
  const lacking = (['base', 'target'] as const).flatMap((side) => (asked[side] && !head[side] ? [asked[side]] : []));
  return (
    <Shell freshness={head}>
      <PageHead
        crumbs={[{ label: 'Compare', href: '/compare' }, { label: 'Jobs' }]}
        title="Two jobs"
        actions={variables && <ApiPanel query={CompareJobsPageDocument.toString()} variables={variables} />}
      />
      <Question asked={asked} />
      {data ? (
        <Compared asked={asked} data={data} slugs={head.coverage.sources.map(({ source }) => source.slug)} />
      ) : (
        <Section id="problem" title="Nothing is compared" hidden>
          <Empty title="Nothing is compared">
            {lacking.length > 0
              ? `There is no job ${lacking.join(' and no job ')}.`
              : 'Name two jobs, each by its lab and number: alpha/87.'}
          </Empty>
        </Section>
      )}
    </Shell>
  );
}

function Question({ asked }: { asked: JobsAsked }) {
  const { base, target, baseFrom, targetFrom } = asked;
  return (
    <Form action="/compare/jobs" className="asking">
      <label className="field">
        <span>A, lab/number</span>
        <input name="base" defaultValue={base} autoComplete="off" spellCheck={false} />
      </label>
      <label className="field">
        <span>B, lab/number</span>
        <input name="target" defaultValue={target} autoComplete="off" spellCheck={false} />
      </label>
      <button className="btn" type="submit">
        Compare
      </button>
      <Link
        className="btn"
        href={jobsAddress(asked, { base: target, target: base, baseFrom: targetFrom, targetFrom: baseFrom })}
        prefetch={false}
      >
        <Icon name="swap" />
        <span className="sr">Swap A and B</span>
      </Link>
    </Form>
  );
}

/** The results of a suite in a job, "lab/number". */
function casesOf(job: string | undefined, suite: string): string {
  const ref = toJobRef(job);
  return ref ? `${jobPath(ref.source, ref.externalId)}?${new URLSearchParams({ suite })}#cases` : '#changes';
}

function Compared({ asked, data, slugs }: { asked: JobsAsked; data: CompareJobsPageQuery; slugs: readonly string[] }) {
  const { compareJobs, compareLogs } = data;
  const { counts, pairCount, changes, differences } = compareJobs;
  return (
    <>
      <p className="verdict">
        {asked.base === asked.target ? 'A and B are the same job. ' : ''}
        {pairCount > 0 ? (
          <Measure>{plural(pairCount, 'test')} ran in both.</Measure>
        ) : (
          'A and B have no test in common.'
        )}{' '}
        <span className="dim">
          {differences.map(({ suite, side, counts: { total } }, i) => (
            <Fragment key={JSON.stringify([suite, side])}>
              {i > 0 && '; '}
              {suite} (
              <Counted value={total} href={casesOf(side === 'BASE' ? asked.base : asked.target, suite)}>
                {plural(total, 'result')}
              </Counted>
              ) ran in {side === 'BASE' ? 'A' : 'B'} alone
            </Fragment>
          ))}
          {differences.length > 0 && '.'}
        </span>
      </p>
      <TransitionChips counts={counts} shown={asked.show} hrefOf={(show) => jobsAddress(asked, { show })} />
      <ChangeSection
        shown={asked.show}
        changes={changes}
        pageHref={(cursor) => jobsAddress(asked, cursor)}
        groupHref={null}
        slugs={slugs}
      />
      <Section id="logs" title="Logs side by side">
        <p className="dim" data-measure>
          {logsInWords(compareLogs)}
        </p>
        {compareLogs.sideBySide.length > 0 && (
          <SideBySide logs={compareLogs} base={asked.base ?? ''} target={asked.target ?? ''} labelledBy="logs" />
        )}
      </Section>
    </>
  );
}
