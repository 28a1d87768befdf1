import { accountsPath } from '@/paths.ts';
import { TextField } from '@/ui/text-field.tsx';

type Props = { login: string; address: string; isRefused: boolean; sendsMail: boolean };

/** Where mail for an account goes: an admin says it, so that nobody has mail sent to others. */
export function MailForm({ login, address, isRefused, sendsMail }: Props) {
  return (
    <form className="form" method="post" action={`${accountsPath()}/mail`}>
      <input type="hidden" name="login" value={login} />
      <TextField
        name="mail"
        label="Address"
        value={address}
        problems={isRefused ? ['This is no address of mail: write NAME@HOST.'] : []}
      >
        What the account subscribes to may be mailed there.
        {!sendsMail && ' No mail leaves here yet: “mail” in basalt.yaml names a mail server.'}
      </TextField>
      <div className="acts">
        <button className="btn" type="submit">
          Save the address
        </button>
      </div>
    </form>
  );
}
