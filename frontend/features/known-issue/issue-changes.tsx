import type { KnownIssuePageQuery } from '@/graphql/graphql.ts';
import { Instant } from '@/ui/time.tsx';

type Changes = NonNullable<KnownIssuePageQuery['knownIssue']>['changes'];

/** Each with what it changed; the last can be undone. */
export function IssueChanges({ number, changes, mayChange }: { number: number; changes: Changes; mayChange: boolean }) {
  return (
    <ul className="plain">
      {changes.map(({ event, at, actor, action, before, after }, i) => (
        <li key={event}>
          <Instant at={at} /> {actor}{' '}
          {action === 'known-issue.undo' ? 'undid:' : before === null ? 'entered it' : 'changed'}{' '}
          <span className="dim" data-measure>
            {before === null ? '' : changedParts(before, after).join(', ')}
          </span>
          {i === 0 && mayChange && (
            <form method="post" action="/issues/undo">
              <input type="hidden" name="number" value={number} />
              <input type="hidden" name="event" value={event} />
              <button className="link" type="submit">
                Undo
              </button>
            </form>
          )}
        </li>
      ))}
    </ul>
  );
}

function changedParts(before: unknown, after: unknown): string[] {
  const [was, is] = [toRecord(before), toRecord(after)];
  return Object.keys({ ...was, ...is })
    .filter((key) => was[key] !== is[key])
    .map((key) => `${key}: ${said(was[key])} to ${said(is[key])}`);
}

function toRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? { ...value } : {};
}

function said(value: unknown): string {
  return value === null || value === undefined ? 'nothing' : String(value);
}
