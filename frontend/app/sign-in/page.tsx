import type { Metadata } from 'next';
import { ask } from '@/api-client.ts';
import { elsewhereProblem } from '@/features/access/elsewhere.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { SignInPageDocument } from '@/graphql/graphql.ts';
import { signInElsewherePath } from '@/paths.ts';
import { Note } from '@/ui/note.tsx';
import { PageHead } from '@/ui/page-head.tsx';
import { FieldProblems, TextField } from '@/ui/text-field.tsx';

export const metadata: Metadata = { title: 'Sign in' };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

const WAIT = 'Too many wrong tries came from this address. Wait a minute, then try again.';
const WRONG_PASSWORD =
  'This login and this password are not a pair here. Look at both again; an admin can set a new one.';
const WRONG_TOKEN =
  'This is no token that signs in here. Copy it again, whole; if it stays so, ask the admin for a new one.';

export default async function SignIn({ searchParams }: Props) {
  const { wrong, wait, taken, next, elsewhere } = await searchParams;
  const data = await ask(SignInPageDocument, {});
  const problem = wait ? WAIT : wrong === 'token' ? WRONG_TOKEN : wrong ? WRONG_PASSWORD : null;
  const isOfToken = [wrong, wait].includes('token');
  const said = (is: boolean) => (is && problem ? [problem] : []);
  const { hasAccounts, signInWith } = data.meta;
  const onward = typeof next === 'string' ? next : '/';
  const place = <input type="hidden" name="next" value={onward} />;
  const refused = signInWith === null ? null : elsewhereProblem(elsewhere, signInWith);
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead title="Sign in" />
      {taken && <Note>Somebody else has set this Basalt up just now: sign in with an account, or ask its admin.</Note>}
      {signInWith !== null && (
        <div className="form">
          <FieldProblems id="elsewhere-problem" problems={refused === null ? [] : [refused]} />
          <div className="acts">
            <a className="btn primary" href={signInElsewherePath(onward)}>
              Sign in with {signInWith}
            </a>
          </div>
        </div>
      )}
      {hasAccounts && (
        <form className="form" method="post" action="/sign-in">
          {place}
          <TextField name="login" label="Login" value="" problems={[]} isRequired autoComplete="username" />
          <TextField
            name="password"
            label="Password"
            type="password"
            value=""
            problems={said(!isOfToken)}
            isRequired
            autoComplete="current-password"
          />
          <div className="acts">
            <button className={signInWith === null ? 'btn primary' : 'btn'} type="submit">
              Sign in
            </button>
          </div>
        </form>
      )}
      <details className="form" open={isOfToken || !(hasAccounts || signInWith !== null)}>
        <summary>With a token of the configuration, or the one for setting up</summary>
        <form method="post" action="/sign-in">
          {place}
          <TextField name="token" label="Token" type="password" value="" problems={said(isOfToken)} isRequired>
            One of the tokens under “access” in basalt.yaml or, while nobody is an admin, the setup token: Basalt
            printed it at its start, and it lies in the file setup-token of its data folder. It is kept in a cookie of
            this browser, for 30 days.
          </TextField>
          <div className="acts">
            <button className="btn" type="submit">
              Sign in with the token
            </button>
          </div>
        </form>
      </details>
    </Shell>
  );
}
