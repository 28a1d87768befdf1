import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { ask, askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { SuiteTable } from '@/features/history/suite-table.tsx';
import { ProjectTestsDocument, TestsPageDocument } from '@/graphql/graphql.ts';
import { searchPath, testsPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { type Field, readFilters, type SearchParams, toHref } from '@/ui/filter.ts';
import { FilterBar } from '@/ui/filter-bar.tsx';
import { ListsNav } from '@/ui/lists-nav.tsx';
import { count, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';

type Props = { searchParams: Promise<SearchParams> };

const PATH = testsPath();
const PAGE = 100;
const SEARCH: Field = { key: 'name', label: 'suite', kind: 'text', hint: 'Suites by name' };
const FIELDS: readonly Field[] = [SEARCH, { key: 'project', label: 'project', kind: 'text' }];
const first = (value: string | string[] | undefined) => [value].flat()[0] || undefined;

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const project = first((await searchParams).project);
  return { title: project ? `Tests of ${project}` : 'Tests' };
}

export default async function Tests({ searchParams }: Props) {
  const params = await searchParams;
  const project = first(params.project);
  return project ? <OneProject project={project} params={params} /> : <AllProjects params={params} />;
}

async function AllProjects({ params }: { params: SearchParams }) {
  const filters = readFilters(FIELDS, params);
  const variables = { name: first(params.name) };
  const data = await ask(TestsPageDocument, variables);
  const found = data.projects.nodes.filter(({ suites }) => suites.totalCount > 0);
  return (
    <Shell freshness={data}>
      <PageHead
        title="Tests"
        facts={[
          [
            'Projects',
            <span key="projects" data-total={found.length}>
              {count(found.length)}
            </span>,
          ],
        ]}
        actions={<ApiPanel query={TestsPageDocument.toString()} variables={variables} />}
      />
      <ListsNav of="tests" current="/tests" />
      <FilterBar path={PATH} fields={FIELDS} filters={filters} search={SEARCH} />
      {found.length === 0 && <NoSuite name={variables.name} />}
      {found.map(({ slug, suites }, i) => (
        <Section
          key={slug}
          id={`project-${i}`}
          title={slug}
          total={suites.totalCount}
          caption={
            suites.totalCount > suites.nodes.length
              ? `${suites.nodes.length} of ${plural(suites.totalCount, 'suite')}`
              : plural(suites.totalCount, 'suite')
          }
          more={
            <Link href={testsPath({ project: slug, name: variables.name })} prefetch={false}>
              All suites
            </Link>
          }
        >
          <SuiteTable project={slug} suites={suites.nodes} labelledBy={`project-${i}`} />
        </Section>
      ))}
    </Shell>
  );
}

async function OneProject({ project, params }: { project: string; params: SearchParams }) {
  const filters = readFilters(FIELDS, params);
  const [name, after, before] = [first(params.name), first(params.after), first(params.before)];
  const variables = { project, name, ...(before ? { last: PAGE, before } : { first: PAGE, after }) };
  const start = testsPath({ project, name });
  const data = await askAt(ProjectTestsDocument, variables, { isPlaced: Boolean(after || before), start });
  if (!data.project) notFound();
  const { slug, suites } = data.project;
  return (
    <Shell freshness={data}>
      <PageHead
        crumbs={[{ label: 'Tests', href: PATH }, { label: slug }]}
        title={slug}
        facts={[['Suites of its newest ten builds', <Counted key="suites" value={suites.totalCount} href="#suites" />]]}
        actions={<ApiPanel query={ProjectTestsDocument.toString()} variables={variables} />}
      />
      <FilterBar path={PATH} fields={FIELDS} filters={filters} search={SEARCH} />
      {suites.nodes.length === 0 ? (
        <NoSuite name={name} />
      ) : (
        <Section id="suites" title="Suites" hidden className="tight">
          <SuiteTable project={slug} suites={suites.nodes} labelledBy="suites" />
          <Pager
            page={suites.pageInfo}
            href={(cursor) => toHref(PATH, filters, cursor)}
            total={suites.totalCount}
            caption={`${count(suites.nodes.length)} of ${plural(suites.totalCount, 'suite')}`}
            words={['Previous', 'More']}
          />
        </Section>
      )}
    </Shell>
  );
}

function NoSuite({ name }: { name: string | undefined }) {
  return (
    <Section id="none" title="Suites" hidden>
      {name === undefined ? (
        <Empty
          title="No suite has been seen"
          action={
            <Link className="btn" href="/jobs">
              See the jobs
            </Link>
          }
        >
          A suite appears when a job of a project’s build has run it; what belongs to a project is said by the rules
          under “projects” in basalt.yaml.
        </Empty>
      ) : (
        <Empty
          title={`No suite contains “${name}”`}
          action={
            <Link className="btn" href={searchPath({ q: name, kind: 'test' })} prefetch={false}>
              Search tests for it
            </Link>
          }
        >
          Suites of the newest ten builds of each project are listed here.
        </Empty>
      )}
    </Section>
  );
}
