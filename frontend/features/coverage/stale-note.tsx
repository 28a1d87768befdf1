import Link from 'next/link';
import type { FreshnessFragment } from '@/graphql/graphql.ts';
import { labPath } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { isStoreOld, type SourceState, storeInWords } from '@/ui/coverage.ts';
import { Note } from '@/ui/note.tsx';
import { sentence } from '@/ui/sentence.ts';
import { Instant } from '@/ui/time.tsx';

type Props = {
  coverage: FreshnessFragment['coverage'];
  /** Slugs of the labs the page is about; without them all. */
  concerns?: readonly string[];
};

const QUIET = new Set(['HEALTHY', 'BACKFILLING', 'PENDING']);

const WHAT: Partial<Record<SourceState, string>> = {
  DELAYED: 'is behind',
  PAUSED: 'is paused',
  FAILING: 'could not be read',
  ACTION_REQUIRED: 'needs its admin',
  MAINTENANCE: 'is in maintenance',
};

/** One amber line when a lab's silence, or the database's age, changes how the page reads. */
export function StaleNote({ coverage, concerns }: Props) {
  if (isStoreOld(coverage.storeLagSeconds)) return <Note>{storeInWords(coverage.storeLagSeconds)}</Note>;
  const stale = coverage.sources.filter(
    ({ status, source }) => !QUIET.has(status) && (!concerns || concerns.includes(source.slug)),
  );
  const [first, ...others] = stale;
  if (!first) return null;
  const { slug, statusReason, nextSyncAt } = first.source;
  const next = first.status !== 'PAUSED' && nextSyncAt && Date.parse(nextSyncAt) > Date.now() ? nextSyncAt : null;
  return (
    <Note
      action={
        <Link className="link nowrap" href={others.length > 0 ? '/labs' : labPath(slug)} prefetch={false}>
          {others.length > 0 ? 'See the labs' : `Open ${slug}`}
        </Link>
      }
    >
      <b>
        {slug} {WHAT[first.status]}
        {first.asOf ? (
          <>
            {' '}
            since <Instant at={first.asOf} seconds={false} /> UTC
          </>
        ) : (
          ' and has never been read'
        )}
        .
      </b>{' '}
      {statusReason && <Measure>{sentence(statusReason, slug)} </Measure>}
      Its last results are shown as they were.
      {others.length > 0 && ` So are those of ${others.map(({ source }) => source.slug).join(', ')}.`}
      {next && (
        <>
          {' '}
          Next try at <Instant at={next} />.
        </>
      )}
    </Note>
  );
}
