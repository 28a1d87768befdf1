import { accountPath } from '@/paths.ts';
import { TextField } from '@/ui/text-field.tsx';
import { SCOPE_WORDS } from './role.ts';

type Props = {
  /** What the viewer may itself. */
  scopes: readonly string[];
  labs: readonly string[];
  /** The field that was refused; none of them when all are as they should be. */
  refused: string;
};

const OFFERED = [
  ['READ', 'read'],
  ['WRITE_TRIAGE', 'write:triage'],
  ['WRITE_SOURCES', 'write:sources'],
  ['WRITE_ACCESS', 'write:access'],
] as const;

/** Makes an access token: for reading alone, for 90 days, unless more is chosen. */
export function TokenForm({ scopes, labs, refused }: Props) {
  const problem = (field: string, words: string) => (refused === field ? [words] : []);
  return (
    <form className="form" method="post" action={`${accountPath()}/save`}>
      <TextField
        name="name"
        label="What it is for"
        value=""
        problems={problem('name', 'Say in 1 to 100 characters what it is for.')}
        isRequired
      >
        For example “nightly report”: you will look for it by this when you revoke it.
      </TextField>
      <fieldset>
        <legend className="dim">It may</legend>
        <div className="days">
          {OFFERED.filter(([, scope]) => scopes.includes(scope)).map(([scope]) => (
            <label key={scope} className="tick">
              <input type="checkbox" name="scope" value={scope} defaultChecked={scope === 'READ'} />
              {SCOPE_WORDS[scope]}
            </label>
          ))}
        </div>
      </fieldset>
      {labs.length > 0 && (
        <fieldset>
          <legend className="dim">Labs it is for; none: all that you see</legend>
          <div className="days">
            {labs.map((slug) => (
              <label key={slug} className="tick">
                <input type="checkbox" name="lab" value={slug} />
                {slug}
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <TextField
        name="days"
        label="Days until it ends"
        value="90"
        problems={problem('expiresInDays', 'A token lasts 1 to 366 days.')}
        isRequired
      />
      <div className="acts">
        <button className="btn primary" type="submit" name="act" value="create">
          Make the token
        </button>
      </div>
    </form>
  );
}
