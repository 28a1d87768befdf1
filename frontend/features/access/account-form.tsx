import type { AccountsPageQuery } from '@/graphql/graphql.ts';
import { accountsPath } from '@/paths.ts';
import { FieldProblems, TextField } from '@/ui/text-field.tsx';
import { ROLE_WORDS, ROLES, teamsText } from './role.ts';

type Props = {
  /** Null for a new one. */
  account: AccountsPageQuery['account'] | null;
  login: string;
  /** The field that was refused. */
  refused: string;
};

const PROBLEMS: Readonly<Record<string, string>> = {
  login:
    'It cannot be so: a login is made of lower-case letters, digits and . _ @ + -; somebody has to stay an admin; and what an account may that signs in elsewhere comes from its groups there.',
  teams: 'Teams are named by letters, digits, "_", "." and "-", each perhaps with :source-admin.',
  password: 'Take 12 characters or more; not the login, and not one character again and again.',
};

/** Makes an account, or changes one. */
export function AccountForm({ account, login, refused }: Props) {
  const problemsOf = (field: string) => (refused.startsWith(field) ? [PROBLEMS[field] ?? ''] : []);
  const isKnown = Object.keys(PROBLEMS).some((field) => refused.startsWith(field));
  return (
    <form className="form" method="post" action={`${accountsPath()}/save`}>
      {account ? (
        <input type="hidden" name="login" value={account.login} />
      ) : (
        <TextField name="login" label="Login" value={login} problems={problemsOf('login')} isRequired />
      )}
      {account?.issuer && (
        <p className="hint">
          It signs in at {account.issuer}, and its role and teams come from its groups there. Here it can be disabled.
        </p>
      )}
      {account && <FieldProblems id="login-problem" problems={problemsOf('login')} />}
      <TextField name="name" label="Name" value={account?.name ?? ''} problems={[]} />
      <label className="field" htmlFor="role">
        <span>May everywhere</span>
        <select id="role" name="role" defaultValue={account?.role ?? 'VIEWER'}>
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {ROLE_WORDS[role]}
            </option>
          ))}
        </select>
      </label>
      <TextField
        name="teams"
        label="Teams"
        value={account ? teamsText(account.teams) : ''}
        problems={problemsOf('teams')}
      >
        Separated by commas. A member sees the labs of the team; as “kernel:source-admin” it looks after them, too.
      </TextField>
      {!account?.issuer && (
        <TextField
          name="password"
          label={account ? 'Another password' : 'Password'}
          type="password"
          value=""
          problems={problemsOf('password')}
          isRequired={!account}
          autoComplete="new-password"
        >
          12 characters or more.{account && ' Left empty it stays; another one signs the account out everywhere.'}
        </TextField>
      )}
      {account && (
        <label className="tick">
          <input type="checkbox" name="disabled" value="1" defaultChecked={account.disabledAt !== null} />
          Disabled: it cannot sign in, and its tokens and browsers are refused at once
        </label>
      )}
      {refused && !isKnown && <FieldProblems id="other-problem" problems={['Only an admin may do this.']} />}
      <div className="acts">
        <button className="btn primary" type="submit">
          {account ? 'Save' : 'Add'}
        </button>
      </div>
    </form>
  );
}
