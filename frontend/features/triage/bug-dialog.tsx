'use client';
import { type Ref, useEffect, useState } from 'react';
import { askFromBrowser } from '@/browser-client.ts';
import type { OfferedIssueFragment, OfferedIssuesQuery, SaveIssueMutation } from '@/graphql/graphql.ts';
import { count } from '@/ui/number.ts';
import { STATES } from '../known-issue/issue-words.tsx';
import { FAILED, type Judged } from './triage-words.ts';

/** What the dialog asks; the server component has the texts already. */
export type BugQueries = { issues: string; save: string };
/** A failure that is said to be a bug, and patterns that find it. */
export type Suspect = { title: string; errorPattern: string | null; logPattern: string | null };

type Props = {
  ref: Ref<HTMLDialogElement>;
  /** None while the dialog is closed. */
  suspects: readonly Suspect[];
  queries: BugQueries;
  onSay: (judged: Judged) => void;
  onClose: () => void;
};

/** Asks which known issue a bug is, or what is known of a new one. Escape leaves it, and nothing is said. */
export function BugDialog({ ref, suspects, queries, onSay, onClose }: Props) {
  return (
    <dialog ref={ref} className="help" aria-labelledby="bug-title" onClose={onClose}>
      <h2 id="bug-title">
        {suspects.length === 1 ? 'This failure is a bug' : `These ${suspects.length} failures are a bug`}
      </h2>
      {suspects.length > 0 && <BugForm suspects={suspects} queries={queries} onSay={onSay} />}
    </dialog>
  );
}

const [NONE, NEW] = ['none', 'new'];

function BugForm({ suspects, queries, onSay }: Pick<Props, 'suspects' | 'queries' | 'onSay'>) {
  const [issues, problem] = useIssues(queries.issues);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(NONE);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [isSaving, setSaving] = useState(false);
  const offered = matching(issues?.nodes ?? [], typed);
  const values = [NONE, NEW, ...offered.map(({ id }) => id)];
  const isNew = chosen === NEW;
  const search = (text: string) => {
    setTyped(text);
    const [first] = matching(issues?.nodes ?? [], text);
    setChosen(text.trim() === '' ? NONE : (first?.id ?? NEW));
  };
  const submit = async (form: HTMLFormElement) => {
    const data = new FormData(form);
    const said = (key: string) => String(data.get(key) ?? '').trim() || null;
    const comment = said('comment');
    if (!isNew) return onSay({ knownIssue: chosen === NONE ? null : chosen, comment });
    setSaving(true);
    const rule = { errorPattern: said('errorPattern'), logPattern: said('logPattern') };
    const saved = await save(queries.save, { title: said('title') ?? '', url: said('url'), rule });
    // Left meanwhile: the issue is there, and nothing is said of the failure.
    if (!form.isConnected) return;
    setSaving(false);
    setProblems(saved.problems);
    if (saved.id !== null) onSay({ knownIssue: saved.id, comment });
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <label className="field">
        <span>Find a known issue</span>
        <input
          ref={focusOnce}
          type="search"
          autoComplete="off"
          maxLength={200}
          value={typed}
          onChange={({ target }) => search(target.value)}
          onKeyDown={(event) => {
            const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
            const next = values[values.indexOf(chosen) + step];
            if (step === 0 || next === undefined) return;
            event.preventDefault();
            setChosen(next);
          }}
        />
      </label>
      <label className="field">
        <span>Known issue</span>
        <select
          size={Math.min(8, values.length)}
          value={chosen}
          onChange={({ target }) => setChosen(target.value)}
          aria-describedby="bug-issues"
        >
          <option value={NONE}>None: only a comment</option>
          <option value={NEW}>A new one</option>
          {offered.map(({ id, title, state, matchesLast30Days }) => (
            <option key={id} value={id}>
              {title} (
              {[state === 'ACTIVE' ? [] : STATES[state], `${count(matchesLast30Days)} in 30 days`].flat().join(', ')})
            </option>
          ))}
        </select>
      </label>
      <p className="hint" id="bug-issues" role="status">
        {problem ?? (issues ? foundIn(issues, offered.length) : 'Known issues are read.')}
      </p>
      {isNew && <NewIssue suspects={suspects} typed={typed} />}
      <label className="field">
        <span>Comment{chosen === NONE && ', or address in a tracker'}</span>
        <input name="comment" maxLength={2000} />
      </label>
      {problems.map((one) => (
        <p key={one} className="problem" role="alert">
          {one}
        </p>
      ))}
      <div className="acts">
        <button className="btn primary" type="submit" disabled={isSaving}>
          Save
        </button>
        <button className="btn" type="button" onClick={({ currentTarget }) => currentTarget.closest('dialog')?.close()}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** Its rule finds every failure that it was entered for, where patterns for all are known. */
function NewIssue({ suspects, typed }: { suspects: readonly Suspect[]; typed: string }) {
  const title = typed.trim() || (suspects.length === 1 ? suspects[0]?.title : '');
  return (
    <>
      <label className="field">
        <span>Title</span>
        <input key={title} name="title" required maxLength={200} defaultValue={title} />
      </label>
      <label className="field">
        <span>Tracker</span>
        <input name="url" type="url" maxLength={500} placeholder="https://bugs.example.org/123" />
      </label>
      <label className="field">
        <span>Pattern over the error message</span>
        <input name="errorPattern" maxLength={500} defaultValue={anyOf(suspects, 'errorPattern')} spellCheck={false} />
      </label>
      <label className="field">
        <span>Pattern over the lines of the log</span>
        <input name="logPattern" maxLength={500} defaultValue={anyOf(suspects, 'logPattern')} spellCheck={false} />
      </label>
    </>
  );
}

function anyOf(suspects: readonly Suspect[], key: 'errorPattern' | 'logPattern'): string {
  const patterns = suspects.flatMap((one) => one[key] ?? []);
  const joined = [...new Set(patterns)].join('|');
  return patterns.length === suspects.length && joined.length <= 500 ? joined : '';
}

function matching(issues: readonly OfferedIssueFragment[], typed: string): readonly OfferedIssueFragment[] {
  const words = typed.toLowerCase().split(/\s+/);
  return issues.filter(({ title, url }) => {
    const text = `${title} ${url ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function foundIn({ totalCount, nodes }: OfferedIssuesQuery['knownIssues'], n: number): string {
  const all = totalCount > nodes.length ? `the first ${nodes.length} of ${count(totalCount)}` : String(totalCount);
  return `${n} of ${all} known issues, those that explain most first.`;
}

function focusOnce(input: HTMLInputElement | null) {
  input?.focus();
}

/** Those in sight, and why there are none. */
function useIssues(query: string): [OfferedIssuesQuery['knownIssues'] | null, string | null] {
  const [found, setFound] = useState<OfferedIssuesQuery['knownIssues'] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const left = new AbortController();
    askFromBrowser<OfferedIssuesQuery>(query, {}, left.signal).then(
      ({ knownIssues }) => setFound(knownIssues),
      () => {
        if (!left.signal.aborted) setProblem(FAILED);
      },
    );
    return () => left.abort();
  }, [query]);
  return [found, problem];
}

async function save(query: string, input: object): Promise<{ id: string | null; problems: string[] }> {
  try {
    const { saveKnownIssue } = await askFromBrowser<SaveIssueMutation>(query, { input });
    const problems = saveKnownIssue.userErrors.map(({ message }) => message);
    return { id: saveKnownIssue.issue?.id ?? null, problems };
  } catch {
    return { id: null, problems: [FAILED] };
  }
}
