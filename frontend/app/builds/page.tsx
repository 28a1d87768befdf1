import type { Metadata } from 'next';
import Form from 'next/form';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { ask, askAt } from '@/api-client.ts';
import { BuildTable } from '@/features/build/build-table.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { BuildsPageDocument, ProjectBuildsDocument } from '@/graphql/graphql.ts';
import { buildsPath, latestBadgePath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { BadgeMenu } from '@/ui/badge-menu.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { FeedLink } from '@/ui/feed-link.tsx';
import { readFilters, type SearchParams, toHref } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { plural, total } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

type Props = { searchParams: Promise<SearchParams> };

const PATH = '/builds';
const PAGE = 50;
const one = (value: string | string[] | undefined) => [value].flat()[0] || undefined;

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const project = one((await searchParams).project);
  return { title: project ? `Builds of ${project}` : 'Builds' };
}

export default async function Builds({ searchParams }: Props) {
  const params = await searchParams;
  const project = one(params.project);
  return project ? <OneProject project={project} params={params} /> : <AllProjects />;
}

async function AllProjects() {
  const data = await ask(BuildsPageDocument, {});
  const { projects } = data;
  return (
    <Shell freshness={data}>
      <PageHead
        title="Builds"
        facts={[
          [
            'Projects',
            <span key="projects" data-total={projects.totalCount}>
              {projects.totalCount}
            </span>,
          ],
        ]}
        actions={<ApiPanel query={BuildsPageDocument.toString()} variables={{}} />}
      />
      {projects.nodes.length === 0 && (
        <Section id="none" title="Builds" hidden>
          <Empty
            title="No build has been seen"
            action={
              <Link className="btn" href="/jobs">
                See the jobs
              </Link>
            }
          >
            A build appears when a job’s metadata name what it tests; the rules are under “projects” in basalt.yaml.
          </Empty>
        </Section>
      )}
      {projects.nodes.map(({ slug, builds }, i) => (
        <Section
          key={slug}
          id={`project-${i}`}
          title={slug}
          caption={
            <Measure>
              {builds.pageInfo.hasNextPage ? `the newest ${builds.nodes.length}` : plural(builds.nodes.length, 'build')}
            </Measure>
          }
          more={
            builds.pageInfo.hasNextPage && (
              <Link href={toHref(PATH, { project: [slug] })} prefetch={false}>
                All builds
              </Link>
            )
          }
        >
          <BuildTable builds={builds.nodes} labelledBy={`project-${i}`} hideProject />
        </Section>
      ))}
    </Shell>
  );
}

async function OneProject({ project, params }: { project: string; params: SearchParams }) {
  const [after, before, branch] = [one(params.after), one(params.before), one(params.branch)];
  const variables = { project, branch, ...(before ? { last: PAGE, before } : { first: PAGE, after }) };
  const start = buildsPath({ project, branch });
  const data = await askAt(ProjectBuildsDocument, variables, { isPlaced: Boolean(after || before), start });
  if (!data.project) notFound();
  const { slug, branches, builds } = data.project;
  const fields = [
    { key: 'project', label: 'project', kind: 'text' as const },
    {
      key: 'branch',
      label: 'branch',
      kind: 'many' as const,
      options: branches.map((value) => ({ value, label: value })),
    },
  ];
  const filters = readFilters(fields, params);
  return (
    <Shell freshness={data}>
      <PageHead
        crumbs={[{ label: 'Builds', href: PATH }, { label: slug }]}
        title={slug}
        facts={[
          [
            'Builds',
            <Counted key="builds" value={builds.totalCount} href="#builds">
              {total(builds)}
            </Counted>,
          ],
          ['Branches', <Measure key="branches">{branches.length}</Measure>],
        ]}
        actions={
          <>
            <FeedLink name="builds" title={`Builds of ${slug}`} query={{ project: slug, branch }} />
            <BadgeMenu
              name={`${slug}, the newest build`}
              badge={latestBadgePath(slug, branch)}
              page={buildsPath({ project: slug, branch })}
            />
            <ApiPanel query={ProjectBuildsDocument.toString()} variables={variables} />
          </>
        }
      />
      <FilterBar
        path={PATH}
        fields={fields}
        filters={filters}
        quick={branches.slice(0, 8).map((value) => ({ label: value, filters: { project: [slug], branch: [value] } }))}
      />
      <Section id="builds" title="Builds" hidden className="tight">
        {builds.nodes.length > 0 ? (
          <>
            <Form action="/compare">
              <input type="hidden" name="project" value={slug} />
              <BuildTable builds={builds.nodes} labelledBy="builds" hideProject picksSides={builds.nodes.length > 1} />
              {builds.nodes.length > 1 && (
                <p className="p2 sidepick">
                  <button className="btn" type="submit">
                    <Icon name="swap" />
                    Compare A with B
                  </button>
                </p>
              )}
            </Form>
            <Pager
              page={builds.pageInfo}
              href={(cursor) => toHref(PATH, filters, cursor)}
              total={builds.totalCount}
              caption={`${builds.nodes.length} of ${total(builds)} builds`}
            />
          </>
        ) : (
          <Empty
            title="No build matches"
            action={
              <Link className="btn" href={toHref(PATH, { project: [slug] })}>
                All branches
              </Link>
            }
          >
            {branch ? `${slug} has no build on ${branch}.` : `${slug} has no build yet.`}
          </Empty>
        )}
      </Section>
    </Shell>
  );
}
