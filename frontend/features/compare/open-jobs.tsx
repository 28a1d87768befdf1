import type { SideBuildFragment } from '@/graphql/graphql.ts';
import { OPEN_STATES } from '@/lava.ts';
import { jobsPath } from '@/paths.ts';
import { plural } from '@/ui/number.ts';

/** "3 jobs are not finished, so this is not the final word." */
export function OpenJobs({ build }: { build: SideBuildFragment }) {
  const open = build.jobCounts.running;
  const query = { project: build.project.slug, build: build.version, state: OPEN_STATES, checks: '1' };
  return (
    <>
      <a className="link" href={jobsPath(query)} data-count={open}>
        {plural(open, 'job')}
      </a>{' '}
      {open === 1 ? 'is' : 'are'} not finished, so this is not the final word.
    </>
  );
}
