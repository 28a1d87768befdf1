import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { ask } from '@/api-client.ts';
import { BuildTally, BuildVerdict, titleOf } from '@/features/build/build-verdict.tsx';
import { FailingCases, groupFailing } from '@/features/build/failing-cases.tsx';
import { newFailures, toMatrix } from '@/features/build/matrix.ts';
import { MatrixTable } from '@/features/build/matrix-table.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { BuildPageDocument } from '@/graphql/graphql.ts';
import { buildPath, buildsPath, jobsPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Empty } from '@/ui/empty.tsx';
import { ExportMenu } from '@/ui/export-menu.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Glyph, Icon } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import { decodeSegment } from '@/ui/segment.ts';
import { Instant } from '@/ui/time.tsx';

type Props = { params: Promise<{ project: string; version: string[] }>; searchParams: Promise<SearchParams> };

/** Above this many cells the matrix opens with what is wrong. */
const MANY_CELLS = 60;

const read = cache((project: string, version: string) => ask(BuildPageDocument, { project, version }));

async function namesOf({ params }: Props) {
  const { project, version } = await params;
  return { project: decodeSegment(project), version: version.map(decodeSegment).join('/') };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { project, version } = await namesOf(props);
  const { build } = await read(project, version);
  return { title: build ? `${project} ${titleOf(build)}` : 'No such build' };
}

export default async function BuildPage(props: Props) {
  const names = await namesOf(props);
  const data = await read(names.project, names.version);
  const { build } = data;
  if (!build) notFound();
  const { project, version, branch, commit, createdAt, previous, counts } = build;
  const params = await props.searchParams;
  const matrix = toMatrix(build.matrix);
  const fresh = newFailures(build.matrix, previous?.matrix ?? []);
  const groups = groupFailing(build.testCases.nodes, build.matrix);
  const slugs = data.coverage.sources.map(({ source }) => source.slug);
  const path = buildPath(project.slug, version);
  const query = { project: project.slug, build: version };
  const onlyProblems =
    params.show === 'problems' || (params.show !== 'all' && matrix.cells > MANY_CELLS && matrix.problems > 0);
  const labs = new Set(build.matrix.flatMap((cell) => cell.labs.map(({ source }) => source.slug))).size;
  const words = {
    build,
    fresh: fresh.size,
    differ: build.matrix.filter(({ disagree }) => disagree).length,
    query,
    labs,
  };
  return (
    <Shell freshness={data}>
      <PageHead
        crumbs={[
          { label: 'Builds', href: '/builds' },
          { label: project.slug, href: buildsPath({ project: project.slug }) },
          ...(branch ? [{ label: branch }] : []),
        ]}
        title={version}
        mono
        facts={[
          commit && [
            'Commit',
            <span key="commit" className="mono">
              {commit.slice(0, 12)}
            </span>,
          ],
          build.pin && [
            'Pinned',
            <span key="pin">
              <Instant at={build.pin.at} seconds={false} />
              {build.pin.because !== null && `: ${build.pin.because}`}
            </span>,
          ],
          ['First job', <Instant key="at" at={createdAt} seconds={false} />],
          previous && [
            'Before it',
            <Link
              key="previous"
              className="mono link"
              href={buildPath(project.slug, previous.version)}
              prefetch={false}
            >
              {previous.version}
            </Link>,
          ],
        ]}
        actions={
          <>
            {previous && (
              <Link className="btn" href={buildPath(project.slug, previous.version)} rel="prev" prefetch={false}>
                <Icon name="left" />
                Previous build
              </Link>
            )}
            <ExportMenu title="Results of this build" query={{ ...query, healthChecks: 'true' }} />
            <ApiPanel query={BuildPageDocument.toString()} variables={names} />
          </>
        }
      />
      {build.jobsWithoutResults > 0 && (
        <p className="dim">
          Retention has deleted the single results of {plural(build.jobsWithoutResults, 'job')} of this build. Every
          count still has them; the failing cases and what labs disagree on do not.
        </p>
      )}
      <BuildVerdict {...words} />
      <BuildTally {...words} />
      <Section
        id="matrix"
        title="Suites by device type"
        caption="one line per lab; a failing line shows how many cases fail"
        more={
          <>
            <span className="key">
              <Glyph shape="fail" tone="fail" /> fail
            </span>
            <span className="key">
              <Glyph shape="infra" tone="infra" /> infrastructure
            </span>
            <span className="key">
              <Glyph shape="skipped" tone="skipped" /> skip
            </span>
            <span className="key">
              <i className="swd" /> labs disagree
            </span>
          </>
        }
      >
        {matrix.cells === 0 ? (
          <Empty title="No suite has a result">
            The jobs of this build have not finished, or they left no results.
          </Empty>
        ) : (
          <>
            <div className="filters mf">
              <Link
                className="chip"
                href={`${path}?show=problems`}
                scroll={false}
                prefetch={false}
                aria-current={onlyProblems ? 'true' : undefined}
              >
                Problems <b>{matrix.problems}</b>
              </Link>
              <Link
                className="chip"
                href={`${path}?show=all`}
                scroll={false}
                prefetch={false}
                aria-current={onlyProblems ? undefined : 'true'}
              >
                All <b>{matrix.cells}</b>
              </Link>
            </div>
            <MatrixTable
              matrix={matrix}
              fresh={fresh}
              onlyProblems={onlyProblems}
              jobsHref={(type) => jobsPath({ ...query, type })}
              allHref={`${path}?show=all`}
            />
          </>
        )}
      </Section>
      {groups.length > 0 && (
        <Section
          id="failing"
          title="Failing"
          caption={
            build.testCases.pageInfo.hasNextPage
              ? `the first ${count(build.testCases.nodes.length)} results`
              : `${count(counts.fail)} in ${groups.length} ${groups.length === 1 ? 'test' : 'tests'}`
          }
        >
          <FailingCases groups={groups} slugs={slugs} />
        </Section>
      )}
    </Shell>
  );
}
