import type { GridRowFragment } from '../../graphql/graphql.ts';
import { withQuery } from '../../paths.ts';
import type { Filters } from '../../ui/filter.ts';
import { type Column, shortOf } from './columns.ts';
import type { HistoryLine } from './line.ts';

/** Filters that a cell keeps, and those that only the page of a test keeps. */
const OF_RESULT = ['lab', 'checks'];
const OF_HISTORY = ['branch', 'builds', 'since', 'until'];

/** The rows of a suite's grid as lines of its table. */
export function toLines(rows: readonly GridRowFragment[], filters: Filters, columns: readonly Column[]): HistoryLine[] {
  const of = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, filters[key]]));
  const more = withQuery('', of(OF_HISTORY)).replace('?', '&') || undefined;
  return rows.map(({ set, name, environment, cells, failing }) => ({
    name,
    ...(set !== null && { before: set }),
    sub: environment.name || 'no type',
    cells,
    now: failing ? { text: sinceOf(failing, columns), isFailing: true } : null,
    leads: {
      test: withQuery('', { test: name, set: set ?? [], type: environment.name, ...of(OF_RESULT) }),
      ...(more && { more }),
    },
  }));
}

function sinceOf({ since, lastPass }: NonNullable<GridRowFragment['failing']>, columns: readonly Column[]): string {
  return `failing since ${shortOf(columns, since.version)}${lastPass ? '' : ' or before'}`;
}
