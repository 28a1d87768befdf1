import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { BuildTally, BuildVerdict, titleOf } from '@/features/build/build-verdict.tsx';
import { FailingTests } from '@/features/build/failing-tests.tsx';
import { KnownFailures, knownTotal } from '@/features/build/known-failures.tsx';
import { MatrixSection } from '@/features/build/matrix-section.tsx';
import { MissingSuites } from '@/features/build/missing-suites.tsx';
import { keyOf } from '@/features/build/run-verdict.ts';
import { RunVerdictPicker } from '@/features/build/run-verdict-picker.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { BuildPageDocument } from '@/graphql/graphql.ts';
import { agreementPath, buildBadgePath, buildPath, buildsPath, comparePath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { BadgeMenu } from '@/ui/badge-menu.tsx';
import { Measure } from '@/ui/count.tsx';
import { ExportMenu } from '@/ui/export-menu.tsx';
import { type SearchParams, toHref } from '@/ui/filter.ts';
import { Icon } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { decodeSegment } from '@/ui/segment.ts';
import { Instant } from '@/ui/time.tsx';
import { readBuild } from './read.ts';

type Props = { params: Promise<{ project: string; version: string[] }>; searchParams: Promise<SearchParams> };

async function read({ params, searchParams }: Props) {
  const { project, version } = await params;
  const names = [decodeSegment(project), version.map(decodeSegment).join('/')] as const;
  return readBuild(...names, JSON.stringify(await searchParams));
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { build } = (await read(props)).data;
  return { title: build ? `${build.project.slug} ${titleOf(build)}` : 'No such build' };
}

export default async function BuildPage(props: Props) {
  const { data, variables } = await read(props);
  const [show] = [(await props.searchParams).show].flat();
  const { build } = data;
  if (!build) notFound();
  const { project, version, branch, commit, createdAt, previous, counted: counts, suites, failingTests } = build;
  const slugs = data.coverage.sources.map(({ source }) => source.slug);
  const path = buildPath(project.slug, version);
  const query = { project: project.slug, build: version };
  const { verdict } = variables;
  const once = verdict !== undefined;
  const kept = { verdict: verdict && keyOf(verdict) };
  const knownBy = variables.known ? 'all' : variables.knownIssue?.toString();
  const total = knownBy ? knownTotal(build.verdict.known, knownBy) : counts.fail;
  const matrixHref = (show: string, cursor: Record<string, string | undefined> = {}) =>
    `${toHref(path, { show: [show] }, { ...kept, ...cursor })}#matrix`;
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
              {build.pin.because !== null && <Measure>{`: ${build.pin.because}`}</Measure>}
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
            {previous && (
              <Link className="btn" href={comparePath({ project: project.slug, target: version })} prefetch={false}>
                <Icon name="swap" />
                Compare with it
              </Link>
            )}
            {build.sources.length > 1 && (
              <Link className="btn ghost" href={agreementPath({ ...query, ...kept })} prefetch={false}>
                Lab agreement
              </Link>
            )}
            <ExportMenu title="Results of this build" query={{ ...query, healthChecks: 'true' }} />
            <BadgeMenu name={`${project.slug} ${version}`} badge={buildBadgePath(project.slug, version)} page={path} />
            <ApiPanel query={BuildPageDocument.toString()} variables={variables} />
          </>
        }
      />
      {build.jobsWithoutResults > 0 && (
        <p className="dim">
          <Measure>Retention has deleted the single results of {plural(build.jobsWithoutResults, 'job')}</Measure> of
          this build. Every count still has them; the failing cases and what labs disagree on do not.
        </p>
      )}
      <RunVerdictPicker
        chosen={verdict}
        cells={suites.matrix.repeatedCellCount}
        hrefOf={(key) => toHref(path, {}, { show, verdict: key })}
      />
      <BuildVerdict
        build={build}
        show={variables.show}
        query={query}
        once={once}
        freshHref={matrixHref('new')}
        agreementHref={agreementPath({ ...query, ...kept })}
      />
      <KnownFailures known={build.verdict.known} path={path} />
      <BuildTally build={build} query={query} once={once} />
      <MatrixSection suites={suites} show={variables.show} hrefOf={matrixHref} query={query} once={once} />
      {(failingTests.nodes.length > 0 || variables.failing || knownBy) && (
        <Section
          id="failing"
          title="Failing tests"
          caption={
            knownBy ? total !== null && plural(total, 'test') : `${plural(counts.fail, 'result')} in all; by suite`
          }
          total={total ?? undefined}
          apart={knownBy === undefined}
        >
          {knownBy && (
            <p>
              Only those that {variables.known ? 'a known issue' : <Measure>known issue {knownBy}</Measure>} explains.{' '}
              <Link className="link" href={`${path}#failing`} prefetch={false}>
                All failing tests
              </Link>
            </p>
          )}
          <FailingTests tests={failingTests.nodes} slugs={slugs} project={project.slug} />
          {(failingTests.pageInfo.hasNextPage || variables.failing) && (
            <Pager
              page={{ ...failingTests.pageInfo, hasPreviousPage: false }}
              href={({ after }) => `${toHref(path, {}, { ...kept, known: knownBy, failing: after })}#failing`}
              caption={
                <Measure>
                  {failingTests.pageInfo.hasNextPage
                    ? `${count(failingTests.nodes.length)} tests shown, there are more`
                    : `the last ${plural(failingTests.nodes.length, 'test')}`}
                </Measure>
              }
              words={['Previous', 'More']}
              label="Pages of failing tests"
            />
          )}
        </Section>
      )}
      {build.missingCount > 0 && (
        <Section
          id="missing"
          title="Missing"
          total={build.missingCount}
          cut={build.missing.length < build.missingCount}
          caption={
            build.missing.length < build.missingCount
              ? `the first ${build.missing.length} of ${count(build.missingCount)} that a build before it ran`
              : `${count(build.missingCount)} that one of the five builds before it ran`
          }
        >
          <MissingSuites project={project.slug} build={version} suites={build.missing} />
        </Section>
      )}
    </Shell>
  );
}
