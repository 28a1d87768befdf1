import Link from 'next/link';
import { Shell } from '@/features/coverage/shell.tsx';
import type { JobPageQuery } from '@/graphql/graphql.ts';
import { labPath } from '@/paths.ts';
import { Empty } from '@/ui/empty.tsx';
import { PageHead } from '@/ui/page-head.tsx';
import { absolute } from '@/ui/time.tsx';

type Removed = NonNullable<JobPageQuery['job']>['removed'];

/** What retention has deleted of a job, with the most that went last. */
export function RemovedNote({ removed: { logAt, detailAt, resultsAt }, lab }: { removed: Removed; lab: string }) {
  const parts = [
    resultsAt && `its single results on ${absolute(resultsAt)}`,
    detailAt && !resultsAt && `where its cases lie in the log, their times and metadata on ${absolute(detailAt)}`,
    logAt && `its log on ${absolute(logAt)}`,
  ].filter(Boolean);
  if (parts.length === 0) return null;
  return (
    <p className="dim">
      Retention has deleted {parts.join(', and ')}. Its counts, and every sum it is in, stay.{' '}
      <Link className="link" href={labPath(lab)} prefetch={false}>
        What {lab} keeps
      </Link>
    </p>
  );
}

/** There was a job here. */
export function DeletedJob({ data, lab, id }: { data: JobPageQuery; lab: string; id: string }) {
  if (!data.removedJob) return null;
  const { submitTime, removedAt } = data.removedJob;
  return (
    <Shell freshness={data} concerns={[lab]}>
      <PageHead
        crumbs={[{ label: 'Jobs', href: '/jobs' }, { label: lab, href: labPath(lab) }, { label: id }]}
        title={`Job ${id}`}
        facts={[['Submitted', absolute(submitTime)]]}
      />
      <Empty
        title="This job was deleted"
        action={
          <Link className="btn" href={labPath(lab)} prefetch={false}>
            What {lab} keeps
          </Link>
        }
      >
        The retention of {lab} deleted it on {absolute(removedAt)}, with its share of every sum. It is not read again.
      </Empty>
    </Shell>
  );
}
