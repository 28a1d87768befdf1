import type { Metadata } from 'next';
import Link from 'next/link';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { IssueEditor } from '@/features/known-issue/issue-editor.tsx';
import { IssueTrial } from '@/features/known-issue/issue-trial.tsx';
import { readIssueForm } from '@/features/known-issue/read-issue-form.ts';
import { NewIssuePageDocument } from '@/graphql/graphql.ts';
import { NEW_ISSUE, signInPath } from '@/paths.ts';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';

export const metadata: Metadata = { title: 'New known issue' };

export default async function NewIssue({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const data = await ask(NewIssuePageDocument, {});
  const mayChange = data.viewer.scopes.includes('write:triage');
  const { form, problems, trial } = await readIssueForm(await searchParams, null, mayChange);
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead crumbs={[{ label: 'Known issues', href: '/issues' }, { label: 'New' }]} title="New known issue" />
      {mayChange ? (
        <>
          {trial && <IssueTrial trial={trial} />}
          <IssueEditor
            form={form}
            number={null}
            path={NEW_ISSUE}
            labs={data.coverage.sources.map(({ source }) => source.slug)}
            problems={problems}
          />
        </>
      ) : (
        <Section id="new" title="Sign in" hidden>
          <Empty
            title="Only who may triage enters issues"
            action={
              <Link className="btn primary" href={signInPath(NEW_ISSUE)} prefetch={false}>
                Sign in
              </Link>
            }
          >
            An issue names failures for everybody who sees them.
          </Empty>
        </Section>
      )}
    </Shell>
  );
}
