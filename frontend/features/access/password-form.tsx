import { accountPath } from '@/paths.ts';
import { TextField } from '@/ui/text-field.tsx';

const WRONG = 'This is not the password that you have now.';
const WEAK =
  'Take 12 characters or more, for example a few words; not your login, and not one character again and again.';

/** Another password for one's own account. */
export function PasswordForm({ login, refused }: { login: string; refused: string }) {
  return (
    <form className="form" method="post" action={`${accountPath()}/save`}>
      <input type="hidden" name="username" autoComplete="username" value={login} readOnly />
      <TextField
        name="current"
        label="Password now"
        type="password"
        value=""
        problems={refused === 'current' ? [WRONG] : []}
        isRequired
        autoComplete="current-password"
      />
      <TextField
        name="password"
        label="New password"
        type="password"
        value=""
        problems={refused === 'password' ? [WEAK] : []}
        isRequired
        autoComplete="new-password"
      >
        12 characters or more: a few words are easier to keep than signs. Other browsers are signed out.
      </TextField>
      <div className="acts">
        <button className="btn" type="submit" name="act" value="password">
          Change it
        </button>
      </div>
    </form>
  );
}
