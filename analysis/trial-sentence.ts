/** What a rule would match, in words: before it is saved. */
export type Tried = {
  matches: number;
  jobs: number;
  sources: readonly string[];
  tests: number;
  looked: number;
  /** Older failed jobs were not looked at. */
  moreJobs: boolean;
  /** Jobs whose logs were not read, or not to their end. */
  unreadLogs: number;
  matchesEverything: boolean;
};

export function trialSentence({
  matches,
  jobs,
  sources,
  tests,
  looked,
  moreJobs,
  unreadLogs,
  matchesEverything,
}: Tried): string {
  const left = [
    ...(moreJobs ? ['older failed jobs'] : []),
    ...(unreadLogs > 0 ? [`${plural(unreadLogs, 'log')} to the end`] : []),
  ];
  const beyond = left.length > 0 ? ` Not looked at: ${left.join(', and ')}. There may be more.` : '';
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

export type TriedSplit = {
  /** Jobs of each part. */
  parts: readonly { count: number }[];
  left: number;
  looked: number;
  moreJobs: boolean;
  merged: number;
};

/** What a split would do, in words. */
export function splitSentence({ parts, left, looked, moreJobs, merged }: TriedSplit): string {
  const number = (n: number) => n.toLocaleString('en');
  const [jobs, into] = [plural(looked, 'job'), plural(parts.length, 'part')];
  const what =
    parts.length === 0
      ? `It splits nothing off: none of ${jobs}.`
      : left > 0
        ? `${number(looked - left)} of ${jobs} would be in ${into}, ${number(left)} would stay.`
        : parts.length === 1
          ? `It takes everything: each of ${jobs} would be in one part.`
          : `Each of ${jobs} would be in one of ${into}.`;
  const beyond = moreJobs ? ` Only the newest ${number(looked)} were looked at.` : '';
  const ofOthers = left > 0 ? 'would stay with it' : 'would be failures of their own again';
  const others = merged > 0 ? ` ${plural(merged, 'job')} that people merged into it ${ofOthers}.` : '';
  return `${what}${beyond}${others}`;
}

function plural(n: number, noun: string, many = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : many}`;
}
