/** Which of several runs of the same test speaks for all of them, so that a retried test counts once. */

/** The worst of them, the newest, or what most of them say: where two are as many, the worse. */
export type RunVerdict = 'WORST' | 'LAST' | 'MAJORITY';

/**
 * `badness`: what each run says, oldest first; more is worse. The place of the newest run that says what they come to;
 * -1 where there is none.
 */
export function speakingRun(badness: readonly number[], verdict: RunVerdict): number {
  if (verdict === 'LAST') return badness.length - 1;
  return badness.lastIndexOf(verdict === 'WORST' ? Math.max(...badness) : mostOf(badness));
}

function mostOf(badness: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const one of badness) counts.set(one, (counts.get(one) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return Math.max(...[...counts].filter(([, count]) => count === most).map(([one]) => one));
}
