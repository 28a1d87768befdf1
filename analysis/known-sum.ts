/** How many failing tests are known, and by which issues. */
import type { FailedTest } from './verdict.ts';

/** `issues`: those of the most tests first, then the newest; a test counts for each issue that a failure of it is put down to in a lab. */
export type KnownSum = { failing: number; known: number; issues: { number: number; tests: number }[] };

export function sumKnown(failing: readonly Pick<FailedTest, 'labs'>[]): KnownSum {
  const byIssue = new Map<number, number>();
  let known = 0;
  for (const { labs } of failing) {
    const numbers = new Set(labs.flatMap(({ issue }) => (issue ? [issue.number] : [])));
    if (numbers.size > 0) known += 1;
    for (const number of numbers) byIssue.set(number, (byIssue.get(number) ?? 0) + 1);
  }
  const issues = [...byIssue].map(([number, tests]) => ({ number, tests }));
  issues.sort((a, b) => b.tests - a.tests || b.number - a.number);
  return { failing: failing.length, known, issues };
}
