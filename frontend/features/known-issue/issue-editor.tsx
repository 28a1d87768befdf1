import { WORD } from '@/features/attribution/cause-tag.tsx';
import { CULPRITS, type IssueForm } from './issue-form.ts';

type Problem = { field?: string | null; message: string };
type Props = {
  form: IssueForm;
  number: number | null;
  /** Address of the page itself: it tries the rule. */
  path: string;
  labs: readonly string[];
  problems: readonly Problem[];
};

/** Works without script: the page itself is asked to try the rule, another address to save it. */
export function IssueEditor({ form, number, path, labs, problems }: Props) {
  const text = (key: keyof IssueForm, label: string, hint?: string, type = 'text') => (
    <Field key={key} of={key} label={label} hint={hint} problems={problems}>
      <input
        id={`issue-${key}`}
        name={key}
        type={type}
        defaultValue={form[key]}
        autoComplete="off"
        spellCheck={key === 'title'}
        maxLength={500}
        aria-invalid={problems.some(({ field }) => field === key)}
        aria-describedby={`issue-${key}-hint`}
      />
    </Field>
  );
  return (
    <form className="form" method="get" action={path}>
      {number !== null && <input type="hidden" name="number" value={number} />}
      {text('title', 'Title')}
      {text('url', 'Tracker', 'An address that begins with https:// or http://.')}
      <Field of="source" label="Lab" problems={problems}>
        <select id="issue-source" name="source" defaultValue={form.source}>
          <option value="">any</option>
          {labs.map((slug) => (
            <option key={slug}>{slug}</option>
          ))}
        </select>
      </Field>
      {text('project', 'Project')}
      {text('deviceType', 'Device type', 'A star stands for any characters, here and in the two below.')}
      {text('suite', 'Suite', 'With a suite or a test the rule is about failed tests, without about failed jobs.')}
      {text('name', 'Test', 'With its set where it has one: net/ping.')}
      {text('errorPattern', 'Pattern over the error message', 'RE2: without look-around and back-references.')}
      {text(
        'logPattern',
        'Pattern over the lines of the log',
        'One line at a time. Jobs whose logs are gone cannot match.',
      )}
      <Field of="culprit" label="Whose fault it is" problems={problems}>
        <select id="issue-culprit" name="culprit" defaultValue={form.culprit}>
          <option value="">not known</option>
          {CULPRITS.map((one) => (
            <option key={one} value={one}>
              {WORD[one]}
            </option>
          ))}
        </select>
      </Field>
      <label className="tick">
        <input type="checkbox" name="intermittent" value="1" defaultChecked={form.intermittent === '1'} />
        It comes and goes: silence does not mean that it is fixed
      </label>
      {text('expires', 'Expires (UTC)', 'From that day on it explains nothing.', 'date')}
      {text('fixed', 'Fixed at (UTC)', 'A failure that ends later reopens it.', 'datetime-local')}
      {problems
        .filter(({ field }) => !field)
        .map(({ message }) => (
          <p key={message} className="problem" role="alert">
            {message}
          </p>
        ))}
      <div className="acts">
        <button className="btn" type="submit" name="try" value="1">
          Try
        </button>
        <button className="btn primary" type="submit" formMethod="post" formAction="/issues/save">
          Save
        </button>
      </div>
    </form>
  );
}

function Field({
  of,
  label,
  hint,
  problems,
  children,
}: {
  of: string;
  label: string;
  hint?: string;
  problems: readonly Problem[];
  children: React.ReactNode;
}) {
  return (
    <div>
      <label className="field" htmlFor={`issue-${of}`}>
        <span>{label}</span>
        {children}
      </label>
      {problems
        .filter(({ field }) => field === of)
        .map(({ message }) => (
          <p key={message} className="problem" role="alert">
            {message}
          </p>
        ))}
      <p className="hint" id={`issue-${of}-hint`}>
        {hint}
      </p>
    </div>
  );
}
