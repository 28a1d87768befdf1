/** Would a test that fails by chance as this one does elsewhere have failed as badly? */
import { fisherRightTail } from './fisher.ts';
import type { Window } from './regression-rule.ts';

/** Runs of a test outside of what is judged; `turns`: how often it turned to failure among them. */
export type ChanceRuns = Window & { turns: number };

/**
 * The probability that one of the stretches of failures of such a test is as bad, 0 to 1: Fisher's exact test of the stretch
 * against the other runs, times the number of stretches. The failure that a stretch begins with makes it one and is no
 * evidence. Null for a test that does not fail by chance.
 */
export function flakeChance(
  { passes, fails }: Window,
  { turns, ...elsewhere }: ChanceRuns,
  choices = 1,
): number | null {
  if (elsewhere.fails === 0) return null;
  const p = fisherRightTail(Math.max(0, fails - 1), passes, elsewhere.fails, elsewhere.passes);
  return Math.min(1, p * (turns + 1) * choices);
}
