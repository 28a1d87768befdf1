import type { AccountPageQuery } from '@/graphql/graphql.ts';
import { accountPath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Age, Instant } from '@/ui/time.tsx';
import { browserName } from './browser-name.ts';

type Props = { sessions: AccountPageQuery['viewer']['sessions']; labelledBy: string };

/** Browsers one is signed in with, and the way to end each. */
export function SessionTable({ sessions, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Browser</th>
            <th scope="col" className="p2">
              Since
            </th>
            <th scope="col">Last used</th>
            <th scope="col" className="p2">
              Ends
            </th>
            <th scope="col">
              <span className="sr">Sign out</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map(({ id, agent, createdAt, usedAt, expiresAt, isThis }) => (
            <tr key={id}>
              <th scope="row" className="wrap" title={agent ?? undefined}>
                {agent ? browserName(agent) : 'unknown'}
                {isThis && <span className="dim"> this one</span>}
              </th>
              <td className="p2">
                <Instant at={createdAt} seconds={false} />
              </td>
              <td>
                <Age at={usedAt} suffix=" ago" />
              </td>
              <td className="p2">
                <Instant at={expiresAt} seconds={false} />
              </td>
              <td>
                {!isThis && (
                  <form method="post" action={`${accountPath()}/save`}>
                    <input type="hidden" name="id" value={id} />
                    <button className="btn ghost" type="submit" name="act" value="end">
                      Sign out<span className="sr"> there</span>
                    </button>
                  </form>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
