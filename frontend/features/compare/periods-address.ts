import type { PeriodChange } from '../../graphql/graphql.ts';
import { periodsPath } from '../../paths.ts';
import type { SearchParams } from '../../ui/filter.ts';

export type PeriodDays = { since: string; until: string };

/** What the address of a comparison of periods says. */
export type PeriodsAsked = {
  /** Days, both of them of the period; the first is what others are held against. */
  periods: readonly PeriodDays[];
  project?: string;
  branch?: string;
  lab?: string;
  type?: string;
  suite?: string;
  test?: string;
  show: PeriodShow;
};

export type PeriodShow = 'worse' | 'better' | 'all';
export const SHOWN: Record<PeriodShow, { title: string; changes: PeriodChange[] }> = {
  worse: { title: 'Worse', changes: ['WORSE'] },
  better: { title: 'Better', changes: ['BETTER'] },
  all: { title: 'All tests', changes: ['WORSE', 'BETTER', 'UNCHANGED'] },
};

export const MOST_PERIODS = 6;
const DAY_MS = 86_400_000;
const WEEK = 7;

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** "2026-05-01..2026-05-07"; null for anything else. */
export function readPeriod(text: string): PeriodDays | null {
  const [, since = '', until = ''] = /^\s*(\d{4}-\d\d-\d\d)\s*\.\.\s*(\d{4}-\d\d-\d\d)\s*$/.exec(text) ?? [];
  const isDay = (day: string) => Number.isFinite(Date.parse(day)) && dayOf(Date.parse(day)) === day;
  return isDay(since) && isDay(until) && since <= until ? { since, until } : null;
}

export const periodText = ({ since, until }: PeriodDays) => `${since}..${until}`;

/** From the first instant of its first day up to before the day behind its last. */
export function instantsOf({ since, until }: PeriodDays) {
  return { since: `${since}T00:00:00Z`, until: `${dayOf(Date.parse(until) + DAY_MS)}T00:00:00Z` };
}

/** Without a period that can be read, the last seven days against the seven before them. */
export function readPeriods(params: SearchParams, now: number): PeriodsAsked & { unread: string[] } {
  const all = (key: string) => [params[key] ?? []].flat().filter((value) => value !== '');
  const given = all('period');
  const read = given.flatMap((text) => readPeriod(text) ?? []);
  const week = (back: number) => ({
    since: dayOf(now - (back + WEEK - 1) * DAY_MS),
    until: dayOf(now - back * DAY_MS),
  });
  const show = all('show')[0];
  return {
    periods: read.length > 0 ? read : [week(WEEK), week(0)],
    unread: given.filter((text) => readPeriod(text) === null),
    project: all('project')[0],
    branch: all('branch')[0],
    lab: all('lab')[0],
    type: all('type')[0],
    suite: all('suite')[0],
    test: all('test')[0],
    show: show === 'better' || show === 'all' ? show : 'worse',
  };
}

export function periodsAddress(asked: PeriodsAsked, changes: Partial<PeriodsAsked> = {}): string {
  const { periods, project, branch, lab, type, suite, test, show } = { ...asked, ...changes };
  return periodsPath({
    period: periods.map(periodText),
    ...{ project, branch, lab, type, suite, test },
    show: show === 'worse' ? undefined : show,
  });
}
