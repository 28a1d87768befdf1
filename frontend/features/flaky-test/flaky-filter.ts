import type { FlakyPageQueryVariables } from '@/graphql/graphql.ts';
import { type Field, type Filters, known, type Option } from '@/ui/filter.ts';

const same = (value: string): Option => ({ value, label: value });

export const DAYS = ['7', '30', '90'] as const;
const USUAL = '30';

/** Every filter of the page. The lists are what exists. */
export function flakyFields(labs: readonly string[], types: readonly string[]): Field[] {
  return [
    { key: 'lab', label: 'lab', kind: 'many', options: labs.map(same) },
    { key: 'type', label: 'device type', kind: 'many', options: types.map(same) },
    { key: 'each', label: 'lab by lab', kind: 'flag' },
    { key: 'days', label: 'days', kind: 'many', options: DAYS.map(same) },
  ];
}

export function daysOf(filters: Filters): string {
  return known(flakyFields([], []), filters, 'days')?.[0] ?? USUAL;
}

export function toFlakyVariables(filters: Filters): Pick<FlakyPageQueryVariables, 'scope' | 'by' | 'days'> {
  return {
    scope: { sources: filters.lab && [...filters.lab], deviceTypes: filters.type && [...filters.type] },
    by: filters.each?.[0] === '1' ? 'SOURCE' : 'SERIES',
    days: Number(daysOf(filters)),
  };
}
