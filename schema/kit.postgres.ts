/**
 * PostgreSQL's columns under the names of the column kit. What a value looks like to a driver is the same as in SQLite
 * (flags are 0 and 1, JSON is text, text is ordered by its bytes), so that one text of SQL serves both engines.
 */
import { type SQL, sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  customType,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Kit } from './kit.sqlite.ts';

const flag = customType<{ data: boolean | SQL; driverData: number }>({
  dataType: () => 'smallint',
  toDriver: (value) => sql.raw(value ? '1' : '0'),
  fromDriver: (value) => value === 1,
});
const text = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

const identity = () => integer().generatedByDefaultAsIdentity();

const postgres = {
  table: pgTable,
  index,
  uniqueIndex,
  primaryKey,
  id: () => identity().primaryKey(),
  spreadId: identity,
  spreadJob: () => integer().notNull(),
  spreadBy: (...columns: AnyPgColumn[]) => columns,
  spreadKey: (first: AnyPgColumn, ...columns: AnyPgColumn[]) => [primaryKey({ columns: [first, ...columns] })],
  tie: (...columns: AnyPgColumn[]) => columns,
  small: () => smallint(),
  int: () => integer(),
  big: () => bigint({ mode: 'number' }),
  flag: () => flag(),
  micros: () => bigint({ mode: 'number' }),
  float: () => doublePrecision(),
  text: () => text(),
  bytes: () => bytes(),
  json: () => text(),
};

/** Typed as the tables are, once: only what makes the migrations looks at the difference. */
export const kit = postgres as unknown as Kit;
