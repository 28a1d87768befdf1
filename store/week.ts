/** Weeks (UTC) by number since the one of 1 January 1970, which was a Thursday: they begin on Mondays. */

/** Days from the Monday before to the first day of all. */
export const MONDAY = 3;
export const WEEK_DAYS = 7;

export function weekOf(day: number): number {
  return Math.floor((day + MONDAY) / WEEK_DAYS);
}

export function firstDayOf(week: number): number {
  return week * WEEK_DAYS - MONDAY;
}
