/** What a rule would match, in words: before it is saved. */
export type Tried = {
  matches: number;
  jobs: number;
  sources: readonly string[];
  tests: number;
  looked: number;
  truncated: boolean;
  matchesEverything: boolean;
};

export function trialSentence({ matches, jobs, sources, tests, looked, truncated, matchesEverything }: Tried): string {
  const beyond = truncated ? ' Not all was looked at: there may be more.' : '';
  if (looked === 0) return 'No job has failed in 30 days: nothing can be said of the rule.';
  if (jobs === 0) return `It matches nothing: none of ${plural(looked, 'failed job')} of 30 days.${beyond}`;
  const what = [
    `${plural(jobs, 'job')} of ${plural(sources.length, 'lab')}`,
    ...(tests > 0 ? [plural(tests, 'test')] : []),
  ];
  const all = matchesEverything
    ? ` It matches everything: each of ${plural(looked, 'failed job')} that was looked at. Is it too wide?`
    : '';
  return `${plural(matches, 'match', 'matches')} in 30 days: ${what.join(', ')}.${all}${beyond}`;
}

function plural(n: number, noun: string, many = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : many}`;
}
