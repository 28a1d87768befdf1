import Link from 'next/link';
import { JobCasesDocument, type JobPageQuery, type JobPageQueryVariables, type TestResult } from '@/graphql/graphql.ts';
import { Icon } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { absolute } from '@/ui/time.tsx';
import { CaseList } from './case-list.tsx';

type Props = { job: NonNullable<JobPageQuery['job']>; asked: JobPageQueryVariables; path: string };

const QUICK = [
  ['All', undefined],
  ['Fail', 'FAIL'],
  ['Skip', 'SKIP'],
  ['Unknown', 'UNKNOWN'],
] as const;

const COUNTERS = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

/** How many results of tests say one of these; all without any. */
function resultsAmong(counts: Props['job']['counts'], wanted: readonly TestResult[]): number {
  return wanted.length === 0 ? counts.total : wanted.reduce((n, one) => n + counts[COUNTERS[one]], 0);
}

/** Every case of the job, with LAVA's own steps among them; filters are links. */
export function CasesSection({ job, asked, path }: Props) {
  const { testCases, source, externalId } = job;
  const total = testCases.totalCount ?? testCases.nodes.length;
  if (job.suites.length === 0) return null;
  if (job.removed.resultsAt !== null) {
    return (
      <Section id="cases" title="Cases">
        <p className="dim">
          Single results were deleted on {absolute(job.removed.resultsAt)}, by the retention of this lab. The counts of
          each suite stay.
        </p>
      </Section>
    );
  }
  const result = [asked.result ?? []].flat();
  const suite = asked.suite ?? undefined;
  // Of one suite all are steps, or none.
  const results = suite ? null : resultsAmong(job.counts, result);
  const steps = total - (results ?? total);
  const href = (next: { suite?: string; result?: string; cases?: string }) => {
    const query = new URLSearchParams(Object.entries(next).flatMap(([key, value]) => (value ? [[key, value]] : [])));
    return `${path}${query.size > 0 ? `?${query}` : ''}#cases`;
  };
  return (
    <Section
      id="cases"
      title="Cases"
      caption={
        results === null || steps <= 0 ? (
          <span data-total={total}>{count(total)}</span>
        ) : (
          <>
            <span data-total={results}>{plural(results, 'result')}</span>,{' '}
            <span data-total={steps}>{plural(steps, 'step')}</span>
          </>
        )
      }
    >
      <div className="filters mf">
        {QUICK.map(([label, value]) => (
          <Link
            key={label}
            className="chip"
            href={href({ suite, result: value })}
            scroll={false}
            prefetch={false}
            aria-current={
              (value ? result.length === 1 && result[0] === value : result.length === 0) ? 'true' : undefined
            }
          >
            {label}
          </Link>
        ))}
        {suite && (
          <Link className="chip" href={href({ result: result[0] })} scroll={false} prefetch={false}>
            <span className="k">suite</span>
            <span className="val mono">{suite}</span>
            <Icon name="x" />
            <span className="sr">remove filter</span>
          </Link>
        )}
      </div>
      {total === 0 ? (
        <p className="dim">
          No case matches. <Link href={href({})}>Show all cases</Link>
        </p>
      ) : (
        <CaseList
          key={JSON.stringify([asked, job.provenance.revision])}
          query={JobCasesDocument.toString()}
          project={job.build?.project.slug ?? null}
          variables={{ source: source.slug, externalId, result: result.length > 0 ? result : undefined, suite }}
          initial={{
            nodes: testCases.nodes,
            endCursor: testCases.pageInfo.endCursor ?? null,
            hasNextPage: testCases.pageInfo.hasNextPage,
            total,
          }}
        />
      )}
      {(testCases.pageInfo.hasNextPage || asked.casesAfter) && (
        <noscript>
          <p className="pager">
            <span data-measure>
              {plural(testCases.nodes.length, 'case')} of {count(total)}
            </span>
            {asked.casesAfter && <a href={href({ suite, result: result[0] })}>First cases</a>}
            {testCases.pageInfo.hasNextPage && testCases.pageInfo.endCursor && (
              <a href={href({ suite, result: result[0], cases: testCases.pageInfo.endCursor })}>Next cases</a>
            )}
          </p>
        </noscript>
      )}
    </Section>
  );
}
