import type { ScopeInput } from '../../graphql/graphql.ts';
import { type Field, type Filters, known, type Option } from '../../ui/filter.ts';

const same = (value: string): Option => ({ value, label: value });

export const MOST_BUILDS = 200;
const USUAL_BUILDS = 50;

/** Every filter of a history: URL key, control and chip. Options are what exists. */
export function historyFields(labs: readonly string[], types: readonly string[], branches: readonly string[]): Field[] {
  return [
    { key: 'type', label: 'device type', kind: 'many', options: types.map(same) },
    { key: 'lab', label: 'lab', kind: 'many', options: labs.map(same) },
    { key: 'branch', label: 'branch', kind: 'text', hint: branches.slice(0, 3).join(', ') },
    { key: 'builds', label: 'builds', kind: 'text', hint: `1 to ${MOST_BUILDS}` },
    { key: 'since', label: 'since', kind: 'day' },
    { key: 'until', label: 'until', kind: 'day' },
    { key: 'checks', label: 'health checks too', kind: 'flag' },
  ];
}

export type HistoryVariables = { branch?: string; builds: number; scope: ScopeInput };

/** The filters as the API's arguments; what it does not know is left out. */
export function toHistoryVariables(fields: readonly Field[], filters: Filters): HistoryVariables {
  const one = (key: string) => known(fields, filters, key)?.[0];
  const day = (key: string) => (one(key) ? `${one(key)}T00:00:00Z` : undefined);
  return {
    branch: one('branch'),
    builds: buildsOf(one('builds')),
    scope: {
      sources: filters.lab && [...filters.lab],
      deviceTypes: filters.type && [...filters.type],
      since: day('since'),
      until: day('until'),
      includeHealthChecks: one('checks') === '1' || undefined,
    },
  };
}

export function buildsOf(text: string | undefined): number {
  const builds = Number(text ?? USUAL_BUILDS);
  return Number.isInteger(builds) && builds > 0 ? Math.min(builds, MOST_BUILDS) : USUAL_BUILDS;
}
