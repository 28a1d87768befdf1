import Link from 'next/link';
import type { AuditLogPageQuery } from '@/graphql/graphql.ts';
import { auditLogPath, failurePath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Instant } from '@/ui/time.tsx';

type Event = NonNullable<AuditLogPageQuery['auditLog']>['nodes'][number];

/** Changes, one a row: when, who, what, and how it was and is. */
export function EventTable({ events, labelledBy }: { events: readonly Event[]; labelledBy: string }) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">When (UTC)</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Of</th>
            <th scope="col" className="p2">
              Before
            </th>
            <th scope="col" className="p2">
              After
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map(({ id, at, actor, action, target, before, after }) => (
            <tr key={id}>
              <th scope="row">
                <Instant at={at} />
              </th>
              <td>{actor}</td>
              <td>{action}</td>
              <td className="mono wrap">
                <Link href={auditLogPath({ target })} prefetch={false} title="Every change of it">
                  {target}
                </Link>{' '}
                {action.startsWith('failure-group.') && (
                  <Link className="link" href={failurePath(target)} prefetch={false}>
                    open
                  </Link>
                )}
              </td>
              <td className="p2 wrap">
                <State value={before} />
              </td>
              <td className="p2 wrap">
                <State value={after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function State({ value }: { value: unknown }) {
  if (value == null) return <span className="faint">nothing</span>;
  return <code>{JSON.stringify(value)}</code>;
}
