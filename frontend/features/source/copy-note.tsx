import type { SyncPageQuery } from '@/graphql/graphql.ts';
import { duration } from '@/ui/duration.ts';
import { Note } from '@/ui/note.tsx';
import { Instant, secondsSince } from '@/ui/time.tsx';

type Source = NonNullable<SyncPageQuery['source']>;

/** Why nothing new comes, and since when; nothing when all is well. */
export function CopyNote({ source }: { source: Source }) {
  const { slug, status, isConfigured, failingSince, nextSyncAt } = source;
  const next = nextSyncAt !== null && Date.parse(nextSyncAt) > Date.now() ? nextSyncAt : null;
  if (!isConfigured)
    return (
      <Note>
        <b>{slug} is no longer in the configuration.</b> Nothing is asked of it any more; what was read stays, as it was
        then.
      </Note>
    );
  if (failingSince && status !== 'PAUSED')
    return (
      <Note>
        <b>
          {slug} cannot be read since <Instant at={failingSince} seconds={false} /> UTC, for{' '}
          {duration(secondsSince(failingSince))}.
        </b>{' '}
        What is here is as it was then; nothing half-read is stored.
        {next && (
          <>
            {' '}
            Next try at <Instant at={next} /> UTC.
          </>
        )}
      </Note>
    );
  return null;
}
