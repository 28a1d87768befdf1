/** Is a test flaky at one board alone, in one lab alone, or wherever it runs? */
import { fisherRightTail } from './fisher.ts';

/** Failures that are no break among the runs that count. */
export type FailsAt = { fails: number; runs: number };

/**
 * The one place of several where all failures are, if the others have run it so often that they had shown some: one-sided
 * Fisher's exact test, times the number of places, since any could have been the one, below 5 %. Null where that cannot be told.
 */
export function onlyPlace<Place>(places: ReadonlyMap<Place, FailsAt>): Place | null {
  const [only, ...others] = [...places].filter(([, { fails }]) => fails > 0);
  if (!only || others.length > 0) return null;
  const [place, { fails, runs }] = only;
  const elsewhere = [...places.values()].reduce((sum, at) => sum + at.runs, 0) - runs;
  return fisherRightTail(fails, runs - fails, 0, elsewhere) * places.size < 0.05 ? place : null;
}

/** In two labs at least, and in each that ran it. */
export function isEverywhere(labs: ReadonlyMap<unknown, FailsAt>): boolean {
  return labs.size > 1 && [...labs.values()].every(({ fails }) => fails > 0);
}
