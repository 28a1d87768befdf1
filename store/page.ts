/** Keyset paging: a page is what follows (or precedes) a key in a total order. */
import { type SQL, sql } from 'drizzle-orm';
import { toStored } from './text.ts';

export type Key = readonly (string | number)[];

export type PageRequest = {
  limit: number;
  after: Key | null;
  before: Key | null;
  /** The page ends at `before` (or at the very end) instead of beginning at `after`. */
  backward: boolean;
};

export type Page<Row> = { rows: Row[]; hasNext: boolean; hasPrevious: boolean };

/** How many there are over all pages; at least so many where counting stopped. */
export type Total = { count: number; isExact: boolean };

type Columns = readonly SQL[];

/** Clauses for a page ordered by the columns, all in one direction. The last column must make the order total. */
export function keyset(
  columns: Columns,
  direction: 'asc' | 'desc',
  page: Omit<PageRequest, 'limit'>,
): { where: SQL | undefined; orderBy: SQL[] } {
  const list = sql.join([...columns], sql`, `);
  const compare = (key: Key, follows: boolean) => {
    const operator = follows === (direction === 'asc') ? '>' : '<';
    // The first column alone once more: SQLite seeks in an index of an expression only by it.
    const values = key.map((value) => sql`${typeof value === 'string' ? toStored(value) : value}`);
    return sql`${columns[0]} ${sql.raw(`${operator}=`)} ${values[0]} AND (${list}) ${sql.raw(operator)} (${sql.join(values, sql`, `)})`;
  };
  const clauses = [
    ...(page.after ? [compare(page.after, true)] : []),
    ...(page.before ? [compare(page.before, false)] : []),
  ];
  const ascending = (direction === 'asc') !== page.backward;
  return {
    where: clauses.length > 0 ? sql.join(clauses, sql` AND `) : undefined,
    orderBy: columns.map((column) => (ascending ? sql`${column} ASC` : sql`${column} DESC`)),
  };
}

/** A page of rows that are all at hand, in the order of a text that no two have. */
export function pageOf<Row>(all: readonly Row[], textOf: (row: Row) => string, page: PageRequest): Page<Row> {
  const within = all.filter((row) => {
    const text = textOf(row);
    return (
      (page.after === null || text > String(page.after[0])) && (page.before === null || text < String(page.before[0]))
    );
  });
  const fetched = page.backward ? within.slice(-page.limit - 1).reverse() : within.slice(0, page.limit + 1);
  return toPage(fetched, page);
}

/** Rows were fetched with limit + 1 in the order of `keyset`: trims, turns round, and says what lies beyond. */
export function toPage<Row>(fetched: Row[], page: PageRequest): Page<Row> {
  const more = fetched.length > page.limit;
  const rows = fetched.slice(0, page.limit);
  if (page.backward) rows.reverse();
  return {
    rows,
    hasNext: page.backward ? page.before !== null : more,
    hasPrevious: page.backward ? more : page.after !== null,
  };
}

/** Order of two keys whose parts all ascend, as far as the shorter goes. */
export function compareKeys(a: Key, b: Key): number {
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (other === undefined || part === other) continue;
    return part < other ? -1 : 1;
  }
  return 0;
}

/** May a row with the key be on the page? */
export function isOnPage(key: Key, { after, before }: PageRequest): boolean {
  return (!after || compareKeys(key, after) > 0) && (!before || compareKeys(key, before) < 0);
}
