/** SQLite's columns under the names of the column kit. Another engine supplies the same names. */
import { blob, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

export const kit = {
  table: sqliteTable,
  index,
  uniqueIndex,
  primaryKey,
  /** A key of ours, given by the engine. */
  id: () => integer().primaryKey({ autoIncrement: false }),
  int: () => integer({ mode: 'number' }),
  flag: () => integer({ mode: 'boolean' }),
  /** Microseconds since the epoch. */
  micros: () => integer({ mode: 'number' }),
  float: () => real(),
  text: () => text(),
  bytes: () => blob({ mode: 'buffer' }),
  json: <T>() => text({ mode: 'json' }).$type<T>(),
};

export type Kit = typeof kit;
