import type { IssueRowFragment } from '@/graphql/graphql.ts';
import { day } from '@/ui/time.tsx';

/** As long as quietSince of the API. */
export const QUIET = 'No failure for 30 days';

/** Asks whether an issue is fixed that has not been seen for a while. */
export function IssueQuiet({ issue, mayChange }: { issue: IssueRowFragment; mayChange: boolean }) {
  const { number, quietSince, lastMatchAt } = issue;
  if (!quietSince) return null;
  return (
    <form className="acts" method="post" action="/issues/fixed">
      <input type="hidden" name="number" value={number} />
      <span role="note" data-measure>
        {QUIET}: fixed? {lastMatchAt ? 'The last ended on' : 'There was none since it was entered on'} {day(quietSince)}
        .
      </span>
      {mayChange && (
        <button className="btn" type="submit">
          It is fixed
        </button>
      )}
    </form>
  );
}
