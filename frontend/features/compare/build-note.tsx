import type { SideBuildFragment } from '@/graphql/graphql.ts';
import { Note } from '@/ui/note.tsx';
import { OpenJobs } from './open-jobs.tsx';

/** A build that is still running says so before its numbers. */
export function BuildNote({ build }: { build: SideBuildFragment }) {
  if (build.jobCounts.running === 0) return null;
  return (
    <Note>
      <b>The build is still running.</b> <OpenJobs build={build} />
    </Note>
  );
}
