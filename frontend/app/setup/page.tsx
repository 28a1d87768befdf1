import type { Metadata } from 'next';
import Link from 'next/link';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { SetupPageDocument } from '@/graphql/graphql.ts';
import { signInPath } from '@/paths.ts';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { TextField } from '@/ui/text-field.tsx';

export const metadata: Metadata = { title: 'Set up' };

type Props = { searchParams: Promise<SearchParams> };

const LOGIN =
  'A login is made of lower-case letters, digits and . _ @ + -, and begins and ends with a letter or digit.';
const PASSWORD =
  'Take 12 characters or more, for example a few words; not the login, and not one character again and again.';

/** The first account: whoever holds the setup token makes it, once. */
export default async function Setup({ searchParams }: Props) {
  const params = await searchParams;
  const text = (key: string) => [params[key]].flat()[0] ?? '';
  const data = await ask(SetupPageDocument, {});
  const { viewer } = data;
  const next = text('next') || '/';
  if (!viewer.isSetup) {
    return (
      <Shell freshness={data} concerns={[]}>
        <PageHead title="Set up" />
        <Empty
          title={viewer.isAnonymous ? 'Sign in with the setup token first' : 'This Basalt is set up'}
          action={
            viewer.isAnonymous && (
              <Link className="btn primary" href={signInPath('/setup')} prefetch={false}>
                Sign in
              </Link>
            )
          }
        >
          The first account is made with the setup token, which Basalt printed at its start; further ones by an admin.
        </Empty>
      </Shell>
    );
  }
  const problem = text('problem');
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead title="Make the first account" />
      <p className="dim">
        It is an admin’s: it sees every lab and every private job, and adds the others. The setup token is void as soon
        as it is made.
      </p>
      <form className="form" method="post" action="/setup">
        <input type="hidden" name="next" value={next} />
        <TextField
          name="login"
          label="Login"
          value={text('login')}
          problems={problem === 'login' ? [LOGIN] : []}
          isRequired
          autoComplete="username"
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          value=""
          problems={problem === 'password' ? [PASSWORD] : []}
          isRequired
          autoComplete="new-password"
        >
          12 characters or more: a few words are easier to keep than signs.
        </TextField>
        <div className="acts">
          <button className="btn primary" type="submit">
            Make the account
          </button>
          <Link className="btn" href={next} prefetch={false}>
            Not now
          </Link>
        </div>
      </form>
    </Shell>
  );
}
