import Link from 'next/link';
import type { FreshnessFragment } from '@/graphql/graphql.ts';
import { accountPath } from '@/paths.ts';

type Props = Pick<FreshnessFragment, 'viewer' | 'meta'>;

/** Who the page was made for, and the way in or out. Nothing where there is no token to sign in with. */
export function SignedIn({ viewer, meta }: Props) {
  if (viewer.isAnonymous) {
    return meta.canSignIn ? (
      <Link className="link" href="/sign-in" prefetch={false}>
        Sign in
      </Link>
    ) : null;
  }
  return (
    <form className="out" method="post" action="/sign-out">
      <Link className="link" href={accountPath()} prefetch={false}>
        <span className="sr">Signed in as </span>
        {viewer.login}
      </Link>
      <button type="submit" className="link">
        Sign out
      </button>
    </form>
  );
}
