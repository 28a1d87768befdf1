import type { Metadata } from 'next';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { SignInPageDocument } from '@/graphql/graphql.ts';
import { PageHead } from '@/ui/page-head.tsx';

export const metadata: Metadata = { title: 'Sign in' };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignIn({ searchParams }: Props) {
  const { wrong, wait, next } = await searchParams;
  const data = await ask(SignInPageDocument, {});
  const problem = wait
    ? 'Too many wrong tokens came from this address. Wait a minute, then try again.'
    : wrong
      ? 'This is no token of this Basalt. Copy it again, whole; if it stays so, ask the admin for a new one.'
      : null;
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead title="Sign in" />
      <form className="form" method="post" action="/sign-in">
        <input type="hidden" name="next" value={typeof next === 'string' ? next : '/'} />
        <label className="field" htmlFor="token">
          <span>Access token</span>
          <input
            id="token"
            name="token"
            type="password"
            autoComplete="current-password"
            required
            aria-describedby="token-hint"
            aria-invalid={problem !== null}
          />
        </label>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <p id="token-hint" className="dim">
          One of the tokens under “access” in basalt.yaml or, before there is one for an admin, the setup token: Basalt
          printed it at its start, and it lies in the file setup-token of its data folder. It is kept in a cookie of
          this browser, for 30 days.
        </p>
        <div className="acts">
          <button className="btn primary" type="submit">
            Sign in
          </button>
        </div>
      </form>
    </Shell>
  );
}
