/** What the cells of a row of a history grid say of now. Letters, newest first: P F S U, M mixed, I infrastructure, . not run. */

export type FailingSince = {
  /** Places of the oldest build of the unbroken failures, and of the newest pass before it; null when no pass is known. */
  since: number;
  lastPass: number | null;
  /** Builds that failed since. */
  builds: number;
};

/** Null when the newest build that passed or failed has passed. A skip, an unknown and what did not run break nothing. */
export function failingSince(cells: string): FailingSince | null {
  let [since, builds] = [-1, 0];
  for (const [i, letter] of [...cells].entries()) {
    if (letter === 'P') return builds > 0 ? { since, lastPass: i, builds } : null;
    if (letter !== 'F' && letter !== 'M') continue;
    since = i;
    builds += 1;
  }
  return builds > 0 ? { since, lastPass: null, builds } : null;
}

/** Whether it passes in every build that says something of it. */
export function isGreen(cells: string): boolean {
  return /^[P.I]*$/.test(cells);
}

/** Whether its results are not all alike. */
export function hasChanged(cells: string): boolean {
  return new Set(cells.replace(/[.I]/g, '')).size > 1;
}
