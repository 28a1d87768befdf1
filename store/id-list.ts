/** Many numbers as one value, so that a statement has the same text however many there are. */
import { type SQL, sql } from 'drizzle-orm';
import type { Engine } from './store.ts';

/** To be compared with, after IN: the numbers of the value that stands for `?`. */
export const LISTED: Record<Engine, string> = {
  sqlite: '(SELECT value FROM json_each(?))',
  postgres: '(SELECT CAST(value AS integer) FROM json_array_elements_text(CAST(? AS json)))',
};

/** A table of pairs of numbers, `id` and `"intoId"`: those of the value that stands for `?`. */
export const MAPPED: Record<Engine, string> = {
  sqlite: `(SELECT value ->> 0 AS id, value ->> 1 AS "intoId" FROM json_each(?))`,
  postgres: `(SELECT CAST(value ->> 0 AS integer) AS id, CAST(value ->> 1 AS integer) AS "intoId"
    FROM json_array_elements(CAST(? AS json)))`,
};

export function idList(ids: Iterable<number>): string {
  return JSON.stringify([...ids]);
}

/** The same for the query builder. */
export function listed(engine: Engine, ids: Iterable<number>): SQL {
  const [before, after] = LISTED[engine].split('?');
  return sql`${sql.raw(before ?? '')}${idList(ids)}${sql.raw(after ?? '')}`;
}
