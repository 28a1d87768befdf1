import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { WORD } from '@/features/attribution/cause-tag.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { QUIET } from '@/features/known-issue/issue-quiet.tsx';
import { IssueState, ruleOf, STATES, Tracker } from '@/features/known-issue/issue-words.tsx';
import { type KnownIssueState, KnownIssuesPageDocument } from '@/graphql/graphql.ts';
import { issuePath, issuesPath, NEW_ISSUE } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { ListsNav } from '@/ui/lists-nav.tsx';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { Age } from '@/ui/time.tsx';

type Props = { searchParams: Promise<SearchParams> };

export const metadata: Metadata = { title: 'Known issues' };
const PAGE = 50;

const read = cache(async (key: string) => {
  const params: SearchParams = JSON.parse(key);
  const given = [params.state ?? []].flat();
  const states = (Object.keys(STATES) as KnownIssueState[]).filter((one) => given.includes(one));
  const [after, before] = [[params.after].flat()[0], [params.before].flat()[0]];
  const variables = {
    state: states.length > 0 ? states : null,
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  const start = issuesPath({ state: states });
  const data = await askAt(KnownIssuesPageDocument, variables, { isPlaced: Boolean(after || before), start });
  return { data, variables, states };
});

export default async function Issues({ searchParams }: Props) {
  const { data, variables, states } = await read(JSON.stringify(await searchParams));
  const { nodes, totalCount, pageInfo } = data.knownIssues;
  const mayChange = data.viewer.scopes.includes('write:triage');
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        title="Known issues"
        facts={[['Issues', <Counted key="issues" value={totalCount} href="#issues" />]]}
        actions={
          <>
            {mayChange && (
              <Link className="btn primary" href={NEW_ISSUE} prefetch={false}>
                New issue
              </Link>
            )}
            <ApiPanel query={KnownIssuesPageDocument.toString()} variables={variables} />
          </>
        }
      />
      <ListsNav of="failures" current="/issues" />
      <p className="dim">
        What people know of failures. A rule explains the same failure wherever it happens again, on any board, lab or
        branch, unless it names one.
      </p>
      <p className="acts">
        <Link
          className="btn"
          href={issuesPath({})}
          prefetch={false}
          aria-current={states.length === 0 ? 'true' : undefined}
        >
          All
        </Link>
        {(Object.keys(STATES) as KnownIssueState[]).map((state) => (
          <Link
            key={state}
            className="btn"
            href={issuesPath({ state })}
            prefetch={false}
            aria-current={states.includes(state) ? 'true' : undefined}
          >
            {STATES[state]}
          </Link>
        ))}
      </p>
      <Section id="issues" title="Issues" hidden className="tight">
        {nodes.length > 0 ? (
          <>
            <Scroll labelledBy="issues">
              <table className="t two">
                <thead>
                  <tr>
                    <th scope="col">Issue</th>
                    <th scope="col">State</th>
                    <th scope="col" className="num">
                      Jobs, 30 days
                    </th>
                    <th scope="col" className="p2">
                      Fault
                    </th>
                    <th scope="col" className="p2">
                      Tracker
                    </th>
                    <th scope="col" className="num">
                      Last
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {nodes.map((issue) => (
                    <tr key={issue.number}>
                      <th scope="row" className="clip">
                        <Link href={issuePath(issue.number)} prefetch={false} data-open title={issue.title}>
                          {issue.title}
                        </Link>
                        <span className="sub">{ruleOf(issue)}</span>
                      </th>
                      <td>
                        <IssueState state={issue.state} />
                        {issue.quietSince && (
                          <span className="sub" data-measure>
                            {QUIET}: fixed?
                          </span>
                        )}
                        {issue.problem && <span className="sub">cannot be run</span>}
                      </td>
                      <td className="num">
                        <Link href={`${issuePath(issue.number)}#matches`} prefetch={false} data-measure>
                          {issue.matchesLast30Days}
                        </Link>
                      </td>
                      <td className="p2">
                        {issue.culprit ? WORD[issue.culprit] : <span className="faint">not known</span>}
                      </td>
                      <td className="p2">
                        <Tracker url={issue.url} />
                      </td>
                      <td className="num faint">{issue.lastMatchAt ? <Age at={issue.lastMatchAt} /> : 'never'}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
            <Pager
              page={pageInfo}
              href={(cursor) => issuesPath({ state: states, ...cursor })}
              total={totalCount}
              caption={`${nodes.length} of ${plural(totalCount, 'issue')}`}
              words={['Previous', 'Next']}
            />
          </>
        ) : (
          <Empty title={states.length > 0 ? 'No issue is in that state' : 'No known issues'}>
            {mayChange
              ? 'Enter one when you know why something fails: the same failure is then named wherever it happens.'
              : 'None that you may see. Who may triage enters them.'}
          </Empty>
        )}
      </Section>
    </Shell>
  );
}
