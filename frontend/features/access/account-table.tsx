import Link from 'next/link';
import type { AccountsPageQuery } from '@/graphql/graphql.ts';
import { accountsPath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Age } from '@/ui/time.tsx';
import { ROLE_WORDS, teamsText } from './role.ts';

type Props = { accounts: NonNullable<AccountsPageQuery['accounts']>['nodes']; labelledBy: string };

/** Who may sign in, and what each may do. */
export function AccountTable({ accounts, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Login</th>
            <th scope="col" className="p2">
              Name
            </th>
            <th scope="col">Role</th>
            <th scope="col">Teams</th>
            <th scope="col" className="p2">
              Signs in
            </th>
            <th scope="col">Last signed in</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map(({ login, name, role, teams, hasPassword, issuer, disabledAt, signedInAt }) => (
            <tr key={login} className={disabledAt ? 'dim' : undefined}>
              <th scope="row">
                <Link className="link mono" href={`${accountsPath({ login })}#change`} prefetch={false}>
                  {login}
                </Link>
              </th>
              <td className="p2 wrap">{name}</td>
              <td>{disabledAt ? 'disabled' : ROLE_WORDS[role]}</td>
              <td className="wrap">{teamsText(teams)}</td>
              <td className="p2 wrap">{issuer ?? (hasPassword ? 'by password' : 'not yet: it has no password')}</td>
              <td>{signedInAt ? <Age at={signedInAt} suffix=" ago" /> : 'never'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
