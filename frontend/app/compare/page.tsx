import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { ask } from '@/api-client.ts';
import { addressOf, manyNamesOf, swapped } from '@/features/compare/address.ts';
import { titleOf } from '@/features/compare/compare-verdict.tsx';
import { ComparisonBody } from '@/features/compare/comparison-body.tsx';
import { ManyForm } from '@/features/compare/many-form.tsx';
import { ProjectTable } from '@/features/compare/project-table.tsx';
import { SidePicker } from '@/features/compare/side-picker.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { ComparePageDocument, CompareProjectsDocument, CompareSidesDocument } from '@/graphql/graphql.ts';
import { agreementPath, buildPath, buildsPath, compareJobsPath, periodsPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Icon } from '@/ui/glyph.tsx';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import { ManySidesPage, manyTitleOf } from './many-sides-page.tsx';
import { type Found, readComparison } from './read.ts';
import { readManySides } from './read-many.ts';

type Props = { searchParams: Promise<SearchParams> };

const PATH = '/compare';

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const query = JSON.stringify(await searchParams);
  const many = await readManySides(query);
  if (many) return { title: manyTitleOf(many) };
  const found = await readComparison(query);
  if (!found) return { title: 'Compare' };
  const { asked, comparison } = found;
  const side = (version: string | undefined, lab: string | undefined, type: string | undefined) =>
    `${version ?? '?'}${lab ? ` in ${lab}` : ''}${type ? ` on ${type}` : ''}`;
  const { base, target, baseLab, targetLab, baseType, targetType } = asked;
  const sides = `${side(base, baseLab, baseType)} to ${side(target, targetLab, targetType)}`;
  return { title: comparison ? `${sides}: ${titleOf(comparison.counts)}` : `Compare ${sides}` };
}

export default async function Compare({ searchParams }: Props) {
  const query = JSON.stringify(await searchParams);
  const many = await readManySides(query);
  if (many) return <ManySidesPage found={many} />;
  const found = await readComparison(query);
  return found ? <TwoSides found={found} /> : <Projects />;
}

async function Projects() {
  const data = await ask(CompareProjectsDocument, {});
  const { projects } = data;
  return (
    <Shell freshness={data}>
      <PageHead
        title="Compare"
        facts={[['Projects', <Counted key="projects" value={projects.totalCount} href="#projects" />]]}
        actions={
          <>
            <Link className="btn" href={compareJobsPath({})} prefetch={false}>
              Two jobs
            </Link>
            <Link className="btn" href={periodsPath({})} prefetch={false}>
              Periods
            </Link>
            <ApiPanel query={CompareProjectsDocument.toString()} variables={{}} />
          </>
        }
      />
      <Section
        id="projects"
        title="The newest build of a project with the one before it"
        caption={plural(projects.nodes.length, 'project')}
        total={projects.nodes.length}
      >
        {projects.nodes.length > 0 ? (
          <ProjectTable projects={projects.nodes} labelledBy="projects" />
        ) : (
          <Empty title="No build has been seen">Two builds of a project can be compared once there are some.</Empty>
        )}
      </Section>
    </Shell>
  );
}

function TwoSides({ found }: { found: Found }) {
  const { asked, sides, base, target, problem, comparison, variables } = found;
  const { project } = sides;
  if (!project) notFound();
  const slugs = sides.coverage.sources.map(({ source }) => source.slug);
  const versions = project.builds.nodes.map(({ version }) => version);
  const previous = sides.target?.previous ?? project.newest.nodes[0]?.previous;
  const offered = { asked, versions, labs: slugs, types: sides.deviceTypes.nodes.map(({ name }) => name) };
  return (
    <Shell freshness={sides}>
      <PageHead
        crumbs={[
          { label: 'Compare', href: PATH },
          { label: project.slug, href: buildsPath({ project: project.slug }) },
        ]}
        title="Compare"
        actions={
          <>
            {previous && previous.version !== asked.base && (
              <Link className="btn" href={addressOf(asked, { base: previous.version })} prefetch={false}>
                With the build before
              </Link>
            )}
            {target && (
              <Link className="btn ghost" href={buildPath(project.slug, target.version)} prefetch={false}>
                Open B
              </Link>
            )}
            {target && target.sources.length > 1 && (
              <Link
                className="btn ghost"
                href={agreementPath({ project: project.slug, build: target.version })}
                prefetch={false}
              >
                Labs of B
              </Link>
            )}
            {variables ? (
              <ApiPanel query={ComparePageDocument.toString()} variables={variables} />
            ) : (
              <ApiPanel
                query={CompareSidesDocument.toString()}
                variables={{ project: project.slug, base: '', target: '', hasBase: false, hasTarget: false }}
              />
            )}
          </>
        }
      />
      <div className="ab">
        <SidePicker letter="A" build={base} {...offered} />
        <Link className="btn" href={swapped(asked)} prefetch={false}>
          <Icon name="swap" />
          <span className="sr">Swap A and B</span>
        </Link>
        <SidePicker letter="B" build={target} {...offered} />
        {asked.base !== undefined && asked.target !== undefined && (
          <ManyForm
            asked={{ project: project.slug, ...manyNamesOf(asked) }}
            versions={versions}
            labs={slugs}
            types={offered.types}
          />
        )}
      </div>
      {comparison && base && target ? (
        <ComparisonBody comparison={comparison} base={base} target={target} asked={asked} slugs={slugs} />
      ) : (
        <Section id="problem" title="Nothing is compared" hidden>
          <Empty
            title="Nothing is compared"
            action={
              <Link className="btn" href={addressOf({ project: project.slug, show: null })}>
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
