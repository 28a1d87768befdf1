import Link from 'next/link';
import { activityOf } from '@/features/source/activity.ts';
import type { HomePageQuery } from '@/graphql/graphql.ts';
import { buildPath } from '@/paths.ts';
import { currentLabs } from '@/ui/coverage-chip.tsx';
import { count, plural, share } from '@/ui/number.ts';

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
  if (coverage.sources.length === 0) return <p className="verdict">No lab is connected yet.</p>;
  return (
    <p className="verdict">
      {latest.length === 0 ? (
        <b>No build has been seen yet.</b>
      ) : worst ? (
        <>
          <b className="fail">
            {plural(failing.length, 'project')} of {projects.totalCount} {failing.length === 1 ? 'has' : 'have'} failing
            cases
          </b>{' '}
          in the latest build; most in{' '}
          <Link href={buildPath(worst.project.slug, worst.version)} prefetch={false}>
            {worst.project.slug}
          </Link>
          , {count(worst.counts.fail)} of {count(worst.counts.total)}.
        </>
      ) : (
        <b>
          No case fails in the latest build of{' '}
          {latest.length === 1 ? 'the project' : `all ${plural(latest.length, 'project')}`}.
        </b>
      )}{' '}
      <span className="dim">
        {today === 0
          ? 'No job has ended today'
          : infraToday === 0
            ? `${plural(today, 'job')} ended today, none of them failed by a lab’s fault`
            : `${share(infraToday, today)} of today’s jobs failed by the labs’ fault`}
        {bad.totalCount > 0 && `; ${plural(bad.totalCount, 'device')} ${bad.totalCount === 1 ? 'is' : 'are'} Bad`}.{' '}
        {current === coverage.sources.length
          ? 'All labs are read up to now.'
          : `${current} of ${plural(coverage.sources.length, 'lab')} are read up to now.`}
      </span>
    </p>
  );
}
