import type { TriageState } from '../../graphql/graphql.ts';

export const STATES: readonly TriageState[] = ['BUG', 'INFRASTRUCTURE', 'FLAKY', 'CODE', 'IGNORED'];

/** As a filter and a button name it. */
export const WORDS: Record<TriageState, string> = {
  BUG: 'Bug',
  INFRASTRUCTURE: 'Infrastructure',
  FLAKY: 'Flaky',
  CODE: 'Code',
  IGNORED: 'Ignored',
};

/** What somebody has said, in the past tense: "2 failures ...". */
const SAID: Record<TriageState, string> = {
  BUG: 'said to be a bug',
  INFRASTRUCTURE: 'said to be the lab’s',
  FLAKY: 'said to be flaky',
  CODE: 'said to be the code’s',
  IGNORED: 'ignored',
};

export const KEYS: Readonly<Record<string, TriageState>> = { i: 'INFRASTRUCTURE', f: 'FLAKY', c: 'CODE' };

/** What is said beside the state. */
export type Judged = { knownIssue: string | null; comment: string | null };

export const FAILED = 'Basalt did not answer as it should: try again, and look into its log if it stays so.';

const failures = (n: number) => (n === 1 ? '1 failure is' : `${n} failures are`);

export function saidOf(n: number, state: TriageState | null): string {
  return `${failures(n)} ${state ? SAID[state] : 'to be triaged again'}.`;
}

export function undoneOf(n: number): string {
  return `${failures(n)} as before.`;
}

/** Why a form was not done, by the code that the address carries. */
export function refusalOf(code: string): string {
  if (code === 'UNAUTHORIZED') return 'Nothing was changed: sign in first.';
  if (code === 'FORBIDDEN') return 'Nothing was changed: the role triage or admin is needed.';
  if (code === 'NOT_FOUND') return 'Nothing was changed: the failure or the issue is gone, or not yours to see.';
  if (code === 'CONFLICT') return 'Nothing was changed: something else was said or merged since.';
  return 'Nothing was changed: the form was not filled in as it should be.';
}
