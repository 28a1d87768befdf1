/** A line of a history's table. */
import type { Query } from '../../paths.ts';

export type HistoryLine = {
  key: string;
  name: string;
  /** Before the name: a set. */
  before?: string;
  /** Behind it: a device type. */
  sub?: string;
  href?: string;
  cells: string;
  /** What is said of now, and whether it is a failure. */
  now: { text: string; isFailing: boolean } | null;
  /** What a cell leads to: an address a column, or what /result needs besides the build. */
  leads: readonly (string | null)[] | Query;
};
