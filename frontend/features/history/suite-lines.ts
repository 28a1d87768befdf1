import type { GridRowFragment } from '@/graphql/graphql.ts';
import { testPath } from '@/paths.ts';
import type { Filters } from '@/ui/filter.ts';
import { type Column, shortOf } from './columns.ts';
import type { HistoryLine } from './line.ts';

/** Filters that a test of the grid keeps. */
const KEPT = ['lab', 'branch', 'builds', 'since', 'until', 'checks'];

/** The rows of a suite's grid as lines of its table. */
export function toLines(
  rows: readonly GridRowFragment[],
  { project, suite }: { project: string; suite: string },
  filters: Filters,
  columns: readonly Column[],
): HistoryLine[] {
  const kept = Object.fromEntries(KEPT.flatMap((key) => (filters[key] ? [[key, filters[key]] as const] : [])));
  return rows.map(({ set, name, environment, cells, failing }) => ({
    key: JSON.stringify([set, name, environment.name]),
    name,
    before: set ?? undefined,
    sub: environment.name || 'no type',
    href: testPath(project, suite, name, { set: set ?? [], ...kept, type: environment.name }),
    cells,
    now: failing ? { text: sinceOf(failing, columns), isFailing: true } : null,
    leads: {
      ...{ project, suite, test: name, type: environment.name },
      set: set ?? undefined,
      lab: filters.lab,
      checks: filters.checks,
    },
  }));
}

function sinceOf({ since, lastPass }: NonNullable<GridRowFragment['failing']>, columns: readonly Column[]): string {
  return `failing since ${shortOf(columns, since.version)}${lastPass ? '' : ' or before'}`;
}
