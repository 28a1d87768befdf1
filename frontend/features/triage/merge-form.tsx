import type { FailurePageQuery } from '@/graphql/graphql.ts';
import { plural } from '@/ui/number.ts';
import { Age } from '@/ui/time.tsx';

type Group = NonNullable<FailurePageQuery['failureGroup']>;
type Other = NonNullable<FailurePageQuery['into']>;

/** What people have merged into a failure, and the way back. */
export function Merged({ merged, next, mayTriage }: Pick<Group, 'merged'> & { next: string; mayTriage: boolean }) {
  if (merged.length === 0) return null;
  return (
    <ul className="list">
      {merged.map(({ id, title, count, by, at }) => (
        <li key={id}>
          <span>
            <b>{title}</b>, {plural(count, 'job')}, merged by {by} <Age at={at} suffix=" ago" />
          </span>
          {mayTriage && (
            <form method="post" action="/triage">
              <input type="hidden" name="next" value={next} />
              <input type="hidden" name="unmerge" value={id} />
              <button className="btn" type="submit" aria-label={`Undo the merge of ${title}`}>
                Undo
              </button>
            </form>
          )}
        </li>
      ))}
    </ul>
  );
}

type Props = {
  fingerprint: string;
  /** Of all time. */
  count: number;
  /** What it may be merged into: the most frequent first. */
  others: readonly Other[];
  /** What was chosen; null until then. */
  into: Other | null;
  here: string;
  /** Of what was chosen. */
  there: string;
};

/** Merges a failure into another, after saying what that moves. Works without script. */
export function MergeForm({ fingerprint, count, others, into, here, there }: Props) {
  if (into)
    return (
      <form className="say" method="post" action="/triage">
        <input type="hidden" name="merge" value={fingerprint} />
        <input type="hidden" name="into" value={into.fingerprint} />
        <input type="hidden" name="next" value={there} />
        <span>
          {plural(count, 'job')} of this failure and {plural(into.count, 'job')} of <b>{into.title}</b> would be one
          failure under that name, and so would jobs to come.
        </span>
        <button className="btn primary" type="submit">
          Merge
        </button>
        <a className="btn" href={here}>
          Cancel
        </a>
      </form>
    );
  const choice = others.filter((other) => other.fingerprint !== fingerprint);
  if (choice.length === 0) return null;
  return (
    <details>
      <summary>The same as another failure</summary>
      <form className="say" method="get" action={here.split('?')[0]}>
        <select name="into" aria-label="The failure that it is part of">
          {choice.map((other) => (
            <option key={other.fingerprint} value={other.fingerprint}>
              {other.title} ({plural(other.count, 'job')})
            </option>
          ))}
        </select>
        <button className="btn" type="submit">
          See what would move
        </button>
      </form>
    </details>
  );
}
