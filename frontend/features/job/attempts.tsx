import Link from 'next/link';
import type { AttemptFragment } from '@/graphql/graphql.ts';
import { jobPath } from '@/paths.ts';
import { Glyph } from '@/ui/glyph.tsx';
import { plural } from '@/ui/number.ts';
import { reasonOf, verdictOfJob } from './verdict.ts';

/** The attempts at the same, oldest first, each with what became of it. */
export function Attempts({ of, jobId }: { of: readonly AttemptFragment[]; jobId: string }) {
  if (of.length === 0) return null;
  return (
    <nav className="attempts" aria-label="Attempts">
      <span className="dim">Attempts</span>
      <ol data-measure>
        {of.map((job, i) => {
          const { shape, tone, word } = verdictOfJob(job);
          const reason = job.health === 'INCOMPLETE' ? reasonOf(job) : '';
          const fails = job.counts.fail > 0 ? `, ${plural(job.counts.fail, 'result')} fail` : '';
          const fate = `${word}${reason && `, ${reason}`}${fails}`;
          return (
            <li key={job.id}>
              <Link
                href={jobPath(job.source.slug, job.externalId)}
                prefetch={false}
                title={`Job ${job.externalId}: ${fate}`}
                aria-current={job.id === jobId ? 'page' : undefined}
              >
                <Glyph shape={shape} tone={tone} />
                {i + 1}
                <span className="sr">: {fate}</span>
              </Link>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
