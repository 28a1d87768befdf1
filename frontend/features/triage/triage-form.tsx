import type { OfferedIssueFragment, SaidFragment, TriageState } from '@/graphql/graphql.ts';
import { STATES, WORDS } from './triage-words.ts';

type Props = {
  fingerprint: string;
  title: string;
  /** What is said of it now. */
  state?: TriageState;
  /** Where it leads back to. */
  next: string;
  /** With a comment: issues that explain it perhaps, and the one that is said now. */
  more?: { issues: readonly OfferedIssueFragment[]; said: SaidFragment['knownIssue'] };
  /** With script, instead of leaving the page. */
  onSay?: (state: TriageState | null) => void;
};

/** Says what one failure is; works without script. */
export function TriageForm({ fingerprint, title, state, next, more, onSay }: Props) {
  return (
    <form
      className="say"
      method="post"
      action="/triage"
      onSubmit={
        onSay &&
        ((event) => {
          event.preventDefault();
          const wanted = new FormData(event.currentTarget).get('state');
          onSay(STATES.find((one) => one === wanted) ?? null);
        })
      }
    >
      <input type="hidden" name="fingerprint" value={fingerprint} />
      <input type="hidden" name="next" value={next} />
      <select name="state" defaultValue={state ?? 'INFRASTRUCTURE'} aria-label={`What it is: ${title}`}>
        {STATES.map((one) => (
          <option key={one} value={one}>
            {WORDS[one]}
          </option>
        ))}
        {state && <option value="">Not triaged</option>}
      </select>
      {more && (
        <>
          <select name="knownIssue" defaultValue={more.said?.id} aria-label="Known issue">
            <option value="">No known issue</option>
            {more.said && <option value={more.said.id}>{more.said.title}</option>}
            {more.issues.map(
              ({ id, title }) =>
                id !== more.said?.id && (
                  <option key={id} value={id}>
                    {title}
                  </option>
                ),
            )}
          </select>
          <input
            name="comment"
            maxLength={2000}
            placeholder="Comment, or address in a tracker"
            aria-label="Comment, or address in a tracker"
          />
        </>
      )}
      <button className="btn" type="submit" aria-label={`Say so: ${title}`}>
        Say
      </button>
    </form>
  );
}

/** What a form has done, with the way back; or why not. */
export function FormOutcome({ done, refused, next }: { done: string[]; refused: string | null; next: string }) {
  if (refused)
    return (
      <p className="problem" role="alert">
        {refused}
      </p>
    );
  if (done.length === 0) return null;
  return (
    <form className="say" method="post" action="/triage">
      <span role="status">It is kept.</span>
      <input type="hidden" name="next" value={next} />
      {done.map((change) => (
        <input key={change} type="hidden" name="undo" value={change} />
      ))}
      <button className="btn" type="submit">
        Undo
      </button>
    </form>
  );
}
