/** Whole days (UTC) for what is kept day by day. */
import type { Days } from '#store/flips.ts';
import type { ScopeInput } from './graphql/types.ts';

const DAY = 86_400_000_000;

/** The last `count` days of a scope: up to the day of its end or of now, from its beginning if that is later. */
export function lastDays(scope: ScopeInput | null | undefined, count: number, now: number): Days {
  const until = Math.ceil((scope?.until ?? now) / DAY);
  return { from: Math.max(until - count, scope?.since == null ? 0 : Math.floor(scope.since / DAY)), until };
}

/** All days of a scope, `count` of them if it has no beginning. */
export function allDays(scope: ScopeInput | null | undefined, count: number, now: number): Days {
  const { from, until } = lastDays({ until: scope?.until }, count, now);
  return { from: scope?.since == null ? from : Math.max(0, Math.floor(scope.since / DAY)), until };
}

export function instantOf(day: number): number {
  return day * DAY;
}
