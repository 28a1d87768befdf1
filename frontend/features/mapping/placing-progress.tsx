import type { MappingPageQuery } from '@/graphql/graphql.ts';
import { MAPPING } from '@/paths.ts';
import { count, plural } from '@/ui/number.ts';
import { Age } from '@/ui/time.tsx';

type Props = Pick<NonNullable<MappingPageQuery['mappingRules']>, 'progress' | 'lastChange' | 'revision'>;

/** Who changed the rules last, how far stored jobs have followed, and the way back. */
export function PlacingProgress({ progress, lastChange, revision }: Props) {
  return (
    <>
      {progress && lastChange && (
        <p role="status">
          {progress.isDone ? (
            <>
              All stored jobs are where the rules place them: {count(progress.moved)} of {plural(progress.jobs, 'job')}{' '}
              moved.
            </>
          ) : (
            <>
              Stored jobs are being placed anew: {count(progress.done)} of {plural(progress.jobs, 'job')} looked at,{' '}
              {count(progress.moved)} moved. No master is asked.
            </>
          )}
        </p>
      )}
      {lastChange && (
        <form method="post" action={`${MAPPING}/save`} className="acts">
          <span className="dim">
            Last changed by {lastChange.login}, <Age at={lastChange.at} suffix=" ago" />
          </span>
          <input type="hidden" name="revision" value={revision} />
          <button className="btn" type="submit" name="act" value="undo">
            Undo this change
          </button>
        </form>
      )}
    </>
  );
}
