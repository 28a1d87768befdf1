import type { TokenFragment } from '@/graphql/graphql.ts';
import { accountPath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Age, Instant } from '@/ui/time.tsx';
import { SCOPE_WORDS } from './role.ts';

type Props = { tokens: readonly TokenFragment[]; labelledBy: string; now: number };

/** Access tokens with what they are for, and the way to end them. */
export function TokenTable({ tokens, labelledBy, now }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="p2">
              Begins with
            </th>
            <th scope="col">May</th>
            <th scope="col" className="p2">
              Labs
            </th>
            <th scope="col" className="p2">
              Last used
            </th>
            <th scope="col">Ends</th>
            <th scope="col">
              <span className="sr">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map(({ id, name, hint, scopes, sources, usedAt, expiresAt, revokedAt }) => {
            const isOver = Date.parse(expiresAt) <= now;
            return (
              <tr key={id} className={revokedAt || isOver ? 'dim' : undefined}>
                <th scope="row" className="wrap">
                  {name}
                </th>
                <td className="p2 mono">{hint}…</td>
                <td>{scopes.map((scope) => SCOPE_WORDS[scope]).join(', ')}</td>
                <td className="p2 wrap">{sources ? sources.join(', ') : 'all'}</td>
                <td className="p2">{usedAt ? <Age at={usedAt} suffix=" ago" /> : 'never'}</td>
                <td>{revokedAt ? 'revoked' : isOver ? 'has ended' : <Instant at={expiresAt} seconds={false} />}</td>
                <td>
                  {!revokedAt && !isOver && (
                    <form method="post" action={`${accountPath()}/save`}>
                      <input type="hidden" name="id" value={id} />
                      <button className="btn ghost" type="submit" name="act" value="revoke">
                        Revoke<span className="sr"> {name}</span>
                      </button>
                    </form>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
