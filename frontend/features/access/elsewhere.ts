/** Why a sign-in by the provider came to nothing, by the word in the address of the page; see docs/configuration.md. */
const WORDS: Readonly<Record<string, (name: string) => string>> = {
  denied: (name) => `${name} did not sign you in, or you did not agree to it. Nothing was changed here.`,
  attempt: () =>
    'This sign-in was begun in another browser or more than ten minutes ago, or was finished already. Begin again.',
  code: (name) => `What ${name} gave the browser was used already, or is too old. Begin again.`,
  untrusted: (name) =>
    `The answer of ${name} is not what may be believed, so nobody was signed in. If it stays so, tell the admin: the log of Basalt says what is wrong with it.`,
  silent: (name) =>
    `${name} does not answer just now. Try again in a few minutes; an account that is kept here signs in as ever.`,
  failed: (name) =>
    `${name} refuses what Basalt asks. The admin finds in the log of Basalt what it complains of: often the client, its secret or a scope.`,
  groups: (name) =>
    `${name} knows you, but none of your groups there may sign in here. Ask the admin of this Basalt which one may.`,
  disabled: () => 'This account is disabled here. Ask the admin of this Basalt.',
  host: () => 'Basalt was not told under what address you know it: the proxy before it has to pass Host on.',
};

/** Null where nothing went wrong. */
export function elsewhereProblem(why: unknown, name: string): string | null {
  if (typeof why !== 'string' || why === '') return null;
  return (WORDS[why] ?? WORDS.failed)?.(name) ?? null;
}
