import type { RegressionFilter } from '@/graphql/graphql.ts';
import { type Field, type Filters, known, type Option } from '@/ui/filter.ts';

const same = (value: string): Option => ({ value, label: value });
const DAY_MS = 86_400_000;

/** Days back, as the address has them. */
export const PERIODS = [
  { days: '1', words: 'today', label: '24 hours' },
  { days: '7', words: 'this week', label: '7 days' },
  { days: '30', words: 'in 30 days', label: '30 days' },
  { days: '90', words: 'in 90 days', label: '90 days' },
] as const;
const USUAL = PERIODS[1];

const STATES = [
  { value: 'open', label: 'still failing' },
  { value: 'fixed', label: 'fixed' },
];

/** Every filter of the page. The lists are what exists. */
export function regressionFields(
  labs: readonly string[],
  types: readonly string[],
  projects: readonly string[],
): Field[] {
  return [
    { key: 'project', label: 'project', kind: 'many', options: projects.map(same) },
    { key: 'branch', label: 'branch', kind: 'text' },
    { key: 'lab', label: 'lab', kind: 'many', options: labs.map(same) },
    { key: 'type', label: 'device type', kind: 'many', options: types.map(same) },
    { key: 'state', label: 'state', kind: 'many', options: STATES },
    { key: 'days', label: 'days', kind: 'text', hint: '7' },
  ];
}

export function periodOf(filters: Filters): (typeof PERIODS)[number] {
  return PERIODS.find(({ days }) => days === filters.days?.[0]) ?? USUAL;
}

/** The period is counted from the whole minute, so that a page and the next are asked for the same. */
export function toRegressionFilter(filters: Filters, now: number): RegressionFilter {
  const states = known(regressionFields([], [], []), filters, 'state');
  const minute = now - (now % 60_000);
  return {
    scope: { sources: filters.lab && [...filters.lab], deviceTypes: filters.type && [...filters.type] },
    project: filters.project?.[0],
    branch: filters.branch?.[0],
    since: new Date(minute - Number(periodOf(filters).days) * DAY_MS).toISOString(),
    open: states?.length === 1 ? states[0] === 'open' : undefined,
  };
}
