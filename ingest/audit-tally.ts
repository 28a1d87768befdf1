/** What a round of an audit counts, and what the counts mean. */
import type { Micros } from '#schema/records.ts';
import type { AuditDays, AuditFindings, DayCount, Tally } from '#store/audit-memory.ts';

const LISTED = 100;
/** So many jobs, and this share of those that were there, are deleted by nobody between two rounds. */
const MOST_VANISH = 10;
const MOST_VANISH_SHARE = 0.03;

export type Verdict = 'same' | 'missing' | 'changed';

export function emptyTally(): Tally {
  return {
    sourceCount: 0,
    storeCount: 0,
    missing: 0,
    changed: 0,
    missingIds: [],
    changedIds: [],
    repaired: 0,
    sampled: 0,
    altered: 0,
    gone: 0,
    deleted: 0,
    vanished: 0,
  };
}

/** A job that the source lists. */
export function countListed(tally: Tally, externalId: string, verdict: Verdict, isRepaired: boolean): void {
  tally.sourceCount += 1;
  if (verdict !== 'missing') tally.storeCount += 1;
  if (isRepaired) tally.repaired += 1;
  if (verdict === 'same') return;
  tally[verdict] += 1;
  const ids = verdict === 'missing' ? tally.missingIds : tally.changedIds;
  if (ids.length < LISTED) ids.push(externalId);
}

/** A job that was read again whole to see whether it is the same. */
export function countSampled(tally: Tally, isAltered: boolean): void {
  tally.sampled += 1;
  if (isAltered) tally.altered += 1;
}

/** A job that is stored and that the source does not list. */
export function countAbsent(tally: Tally, { isDeleted, isNews }: { isDeleted: boolean; isNews: boolean }): void {
  tally.storeCount += 1;
  tally.gone += 1;
  if (isDeleted) tally.deleted += 1;
  if (isNews) tally.vanished += 1;
}

/** What is private from now on is in none of a visitor's counts. */
export function forgetAbsent(tally: Tally): void {
  tally.storeCount -= 1;
  tally.gone -= 1;
}

const DAY = 86_400_000_000;

export const dayOf = (at: Micros): number => Math.floor(at / DAY);

type On = { day: number; isPublic: boolean };

/** A job that the source lists, on the day it was submitted. */
export function countListedOn(days: AuditDays, on: On, verdict: Verdict, isRepaired: boolean, at: Micros): void {
  countOn(days, on, 'sourceCount', at);
  if (verdict !== 'missing') countOn(days, on, 'storeCount', at);
  if (verdict !== 'same') countOn(days, on, verdict, at);
  if (isRepaired) countOn(days, on, 'repaired', at);
}

/** A job that is stored and that the source does not list, on the day it was submitted. */
export function countAbsentOn(
  days: AuditDays,
  on: On,
  { isDeleted, isHidden }: { isDeleted: boolean; isHidden: boolean },
  at: Micros,
): void {
  countOn(days, on, 'storeCount', at);
  countOn(days, on, 'gone', at);
  if (isDeleted) countOn(days, on, 'deleted', at);
  if (isHidden) countOn(days, on, 'hidden', at);
}

function countOn(days: AuditDays, { day, isPublic }: On, what: DayCount, checkedAt: Micros): void {
  const key = `${day} ${isPublic ? 1 : 0}`;
  const tally = days[key] ?? { checkedAt };
  days[key] = tally;
  tally.checkedAt = Math.max(tally.checkedAt, checkedAt);
  tally[what] = (tally[what] ?? 0) + 1;
}

/** Why what vanished was hardly deleted, in words; null when it may have been. */
export function vanishing({ sourceCount, vanished }: Tally): string | null {
  const before = sourceCount + vanished;
  const isAll = sourceCount === 0 && vanished > 0;
  const isMuch = vanished > MOST_VANISH && vanished > before * MOST_VANISH_SHARE;
  if (!isAll && !isMuch) return null;
  return `${vanished} of ${before} jobs are not listed any more, all at once: a token that sees less, a login page or a fresh database look like this. None of them is marked as deleted. If they were: basalt audit --accept-deletions.`;
}

export function findingsOf(tally: Tally, alarm: string | null): AuditFindings {
  return {
    sourceCount: tally.sourceCount,
    storeCount: tally.storeCount,
    missing: tally.missingIds,
    changed: tally.changedIds,
    goneAtSource: tally.gone,
    repaired: tally.repaired,
    sampled: tally.sampled,
    altered: tally.altered,
    deleted: tally.deleted,
    alarm,
  };
}
