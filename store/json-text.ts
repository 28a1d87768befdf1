/**
 * Conditions on JSON that is kept as text, in any engine's SQL: inside a string every quote is escaped, so that a quote
 * right after `[`, `{` or `,` begins a string and what follows is it.
 */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';

/** The text is an array of strings with this one. */
export function arrayHas(column: SQLWrapper, value: string): SQL {
  return hasAfter(column, ['[', ','], JSON.stringify(value));
}

/** The text is an object of strings with this pair. */
export function objectHas(column: SQLWrapper, key: string, value: string): SQL {
  return hasAfter(column, ['{', ','], `${JSON.stringify(key)}:${JSON.stringify(value)}`);
}

function hasAfter(column: SQLWrapper, [first, next]: [string, string], piece: string): SQL {
  return sql`(instr(${column}, ${first + piece}) > 0 OR instr(${column}, ${next + piece}) > 0)`;
}
