import Link from 'next/link';
import type { FreshnessFragment } from '@/graphql/graphql.ts';

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
      <span>Signed in as {viewer.login}</span>
      <button type="submit" className="link">
        Sign out
      </button>
    </form>
  );
}
