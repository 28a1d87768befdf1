import type { FailureClass, FailureGroupFilter, FailureGroupKind, ScopeInput } from '../../graphql/graphql.ts';
import { type Field, type Filters, known, type Option } from '../../ui/filter.ts';

const CLASSES: Record<string, FailureClass> = {
  Infrastructure: 'INFRASTRUCTURE',
  Configuration: 'CONFIGURATION',
  Bug: 'BUG',
  Job: 'JOB',
  Test: 'TEST',
  Timeout: 'TIMEOUT',
  Unclassified: 'UNCLASSIFIED',
};
const KINDS: Record<string, FailureGroupKind> = { Kernel: 'KERNEL_FAULT', Job: 'JOB' };
const DAYS = 30;
const DAY_MS = 86_400_000;

const same = (value: string): Option => ({ value, label: value });

/** Every filter of the failures page. `labs` and `types` are what exists. */
export function failureFields(labs: readonly string[], types: readonly string[]): Field[] {
  return [
    { key: 'lab', label: 'lab', kind: 'many', options: labs.map(same) },
    { key: 'class', label: 'error type', kind: 'many', options: Object.keys(CLASSES).map(same) },
    { key: 'kind', label: 'seen in', kind: 'many', options: Object.keys(KINDS).map(same) },
    { key: 'type', label: 'device type', kind: 'many', options: types.map(same) },
    { key: 'since', label: 'since', kind: 'day' },
  ];
}

/** The day from which on failures are shown: 30 days with today, unless another is asked for. */
export function sinceOf(fields: readonly Field[], filters: Filters, now = new Date(), days = DAYS): string {
  const asked = known(fields, filters, 'since')?.[0];
  return asked ?? new Date(now.getTime() - (days - 1) * DAY_MS).toISOString().slice(0, 10);
}

export function toFailureScope(fields: readonly Field[], filters: Filters): ScopeInput {
  return {
    sources: filters.lab && [...filters.lab],
    deviceTypes: filters.type && [...filters.type],
    since: `${sinceOf(fields, filters)}T00:00:00Z`,
  };
}

export function toFailureFilter(fields: readonly Field[], filters: Filters): FailureGroupFilter {
  return {
    scope: toFailureScope(fields, filters),
    class: known(fields, filters, 'class')?.flatMap((value) => CLASSES[value] ?? []),
    kind: known(fields, filters, 'kind')?.flatMap((value) => KINDS[value] ?? []),
  };
}

/** Jobs of each day from the first on, today's last; at most a year of them. */
export function jobsByDay(days: readonly { at: string; jobs: number }[], since: string, now = new Date()): number[] {
  const dayOf = (at: string) => Math.floor(Date.parse(at) / DAY_MS);
  const today = Math.floor(now.getTime() / DAY_MS);
  const first = Math.max(dayOf(since), today - 365);
  const jobs = new Map(days.map((day) => [dayOf(day.at), day.jobs]));
  return Array.from({ length: Math.max(0, today - first + 1) }, (_, i) => jobs.get(first + i) ?? 0);
}
