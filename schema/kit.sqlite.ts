/** SQLite's columns under the names of the column kit. Another engine supplies the same names. */
import { blob, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

export const kit = {
  table: sqliteTable,
  index,
  uniqueIndex,
  primaryKey,
  /** A key of ours, given by the engine. */
  id: () => integer().primaryKey({ autoIncrement: false }),
  /** The same in a table that is spread by environment: there `spreadKey` makes it the key. */
  spreadId: () => integer().primaryKey({ autoIncrement: false }),
  /** The number of a job in such a table with one row a job. */
  spreadJob: () => integer({ mode: 'number' }).primaryKey(),
  /** What else the keys of a table that is spread must contain: nothing where there is one file. */
  spreadBy: <Column>(..._columns: Column[]): Column[] => [],
  spreadKey: (..._columns: unknown[]): ReturnType<typeof primaryKey>[] => [],
  /** Ends an index in the order of ids: SQLite's do so by themselves. */
  tie: <Column>(..._columns: Column[]): Column[] => [],
  /** Up to 32767, up to 2147483647, and up to 2^53. */
  small: () => integer({ mode: 'number' }),
  int: () => integer({ mode: 'number' }),
  big: () => integer({ mode: 'number' }),
  flag: () => integer({ mode: 'boolean' }),
  /** Microseconds since the epoch. */
  micros: () => integer({ mode: 'number' }),
  float: () => real(),
  text: () => text(),
  bytes: () => blob({ mode: 'buffer' }),
  json: <T>() => text({ mode: 'json' }).$type<T>(),
};

export type Kit = typeof kit;
