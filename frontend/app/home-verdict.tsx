import Link from 'next/link';
import { activityOf } from '@/features/source/activity.ts';
import type { BuildRowFragment, HomePageQuery } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE } from '@/lava.ts';
import { buildPath, devicesPath, jobsPath, type Query, resultsPath } from '@/paths.ts';
import { Counted, Measure } from '@/ui/count.tsx';
import { currentLabs } from '@/ui/coverage.ts';
import { plural, share } from '@/ui/number.ts';

const ofBuild = ({ project, version }: BuildRowFragment, more: Query = {}) =>
  resultsPath({ project: project.slug, build: version, checks: '1', ...more });

/** What needs attention, in words; each number is one of the tables below. */
export function HomeVerdict({ data }: { data: HomePageQuery }) {
  const { coverage, projects, sources, bad } = data;
  const current = currentLabs(coverage.sources, coverage.storeLagSeconds).length;
  const latest = projects.nodes.flatMap(({ builds }) => builds.nodes[0] ?? []);
  const failing = latest.filter(({ counts }) => counts.fail > 0).toSorted((a, b) => b.counts.fail - a.counts.fail);
  const [worst] = failing;
  const labs = sources.nodes.map(({ slug, activity }) => ({ slug, ...activityOf(activity) }));
  const today = labs.reduce((sum, lab) => sum + lab.today, 0);
  const infraToday = labs.reduce((sum, lab) => sum + lab.infraToday, 0);
  const endedToday = { ended: sources.nodes[0]?.activity.at(-1)?.date, checks: '1' };
  if (coverage.sources.length === 0) return <p className="verdict">No lab is connected yet.</p>;
  return (
    <p className="verdict">
      {latest.length === 0 ? (
        <b>No build has been seen yet.</b>
      ) : worst ? (
        <>
          <b className="fail">
            <Measure>
              {plural(failing.length, 'project')} of {projects.totalCount}
            </Measure>{' '}
            {failing.length === 1 ? 'has' : 'have'} failing cases
          </b>{' '}
          in the latest build; most in{' '}
          <Link href={buildPath(worst.project.slug, worst.version)} prefetch={false}>
            {worst.project.slug}
          </Link>
          , <Counted value={worst.counts.fail} href={ofBuild(worst, { result: 'Fail' })} /> of{' '}
          <Counted value={worst.counts.total} href={ofBuild(worst)} />.
        </>
      ) : (
        <b>
          No case fails in the latest build of{' '}
          {latest.length === 1 ? 'the project' : `all ${plural(latest.length, 'project')}`}.
        </b>
      )}{' '}
      <span className="dim">
        {today === 0 ? (
          'No job has ended today'
        ) : infraToday === 0 ? (
          <>
            <Counted value={today} href={jobsPath(endedToday)}>
              {plural(today, 'job')}
            </Counted>{' '}
            ended today, none of them failed by a lab’s fault
          </>
        ) : (
          <>
            <Counted value={infraToday} href={jobsPath({ ...endedToday, class: INFRASTRUCTURE })}>
              {share(infraToday, today)}
            </Counted>{' '}
            of today’s jobs failed by the labs’ fault
          </>
        )}
        {bad.totalCount > 0 && (
          <>
            ;{' '}
            <Counted value={bad.totalCount} href={devicesPath({ health: 'Bad' })}>
              {plural(bad.totalCount, 'device')}
            </Counted>{' '}
            {bad.totalCount === 1 ? 'is' : 'are'} Bad
          </>
        )}
        .{' '}
        {current === coverage.sources.length ? (
          'All labs are read up to now.'
        ) : (
          <>
            <Measure>{current}</Measure> of{' '}
            <Counted value={coverage.sources.length} href="/labs#labs">
              {plural(coverage.sources.length, 'lab')}
            </Counted>{' '}
            are read up to now.
          </>
        )}
      </span>
    </p>
  );
}
