import Link from 'next/link';
import { notFound } from 'next/navigation';
import { ManyBody } from '@/features/compare/many-body.tsx';
import { ManyForm } from '@/features/compare/many-form.tsx';
import { countOf } from '@/features/compare/transitions.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { CompareSidesDocument, ManySidesPageDocument } from '@/graphql/graphql.ts';
import { buildsPath, comparePath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Empty } from '@/ui/empty.tsx';
import { count } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import type { FoundMany } from './read-many.ts';

export function manyTitleOf({ asked: { project }, comparison }: FoundMany): string {
  if (!comparison) return `Compare ${project}`;
  return `${project}: ${comparison.sides.length} sides, ${count(countOf(comparison.counts, 'PASS_TO_FAIL'))} worse`;
}

/** Three sides or more, a column each. */
export function ManySidesPage({ found }: { found: FoundMany }) {
  const { asked, offered, problem, comparison, variables } = found;
  const { project } = offered;
  if (!project) notFound();
  const slugs = offered.coverage.sources.map(({ source }) => source.slug);
  return (
    <Shell freshness={offered}>
      <PageHead
        crumbs={[
          { label: 'Compare', href: '/compare' },
          { label: project.slug, href: buildsPath({ project: project.slug }) },
        ]}
        title="Compare"
        actions={
          variables ? (
            <ApiPanel query={ManySidesPageDocument.toString()} variables={variables} />
          ) : (
            <ApiPanel
              query={CompareSidesDocument.toString()}
              variables={{ project: project.slug, base: '', target: '', hasBase: false, hasTarget: false }}
            />
          )
        }
      />
      <div className="ab">
        <ManyForm
          asked={asked}
          versions={project.builds.nodes.map(({ version }) => version)}
          labs={slugs}
          types={offered.deviceTypes.nodes.map(({ name }) => name)}
        />
      </div>
      {comparison ? (
        <ManyBody comparison={comparison} asked={asked} />
      ) : (
        <Section id="problem" title="Nothing is compared" hidden>
          <Empty
            title="Nothing is compared"
            action={
              <Link className="btn" href={comparePath({ project: project.slug })}>
                The newest two builds
              </Link>
            }
          >
            {problem}
          </Empty>
        </Section>
      )}
    </Shell>
  );
}
