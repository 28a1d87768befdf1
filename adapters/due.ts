/** When something is to be done again. */
import type { Micros } from '#schema/records.ts';

/** Whether so long has passed since. A clock that was put back, or was wrong before, makes nothing wait for it. */
export function isDue(now: Micros, last: Micros, every: Micros): boolean {
  return Math.abs(now - last) >= every;
}
