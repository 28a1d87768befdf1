/** Texts found by index, in each engine's SQL. Case is that of ASCII letters: other letters must be as written. */
import { type SQL, sql } from 'drizzle-orm';
import type { Engine, Value } from './store.ts';

export type Condition = { where: string; values: Value[] };

/** Tables with texts that are found by their trigrams. */
export type Indexed = 'job' | 'test_case';

export function isIndexed(table: string): table is Indexed {
  return table === 'job' || table === 'test_case';
}

type TextIndex = {
  /** Takes rows, a JSON list of their ids, into the index of trigrams; null where the engine does by itself. */
  take: Record<Indexed, string> | null;
  /** The column is the text. */
  is(column: string, text: string): Condition;
  /** The column begins with the text, in any case; rows come in the order of `by`. */
  begins(column: string, text: string): Condition & { by: string };
  /** A query for the ids of the jobs that may be described by a text of three characters and more; all that are, are among them. */
  described(text: string): SQL;
};

const LAST = '\u{10ffff}';

export const TEXT_INDEX: Record<Engine, TextIndex> = {
  sqlite: {
    take: {
      job: `INSERT INTO job_search (rowid, description)
        SELECT id, description FROM job WHERE id IN (SELECT value FROM json_each(?)) AND description IS NOT NULL`,
      test_case: `INSERT INTO test_case_search (rowid, name)
        SELECT id, name FROM test_case WHERE id IN (SELECT value FROM json_each(?))`,
    },
    is: (column, text) => ({ where: `${column} COLLATE NOCASE = ? AND ${column} = ?`, values: [text, text] }),
    begins(column, text) {
      const by = `${column} COLLATE NOCASE`;
      return { by, where: `${by} >= ? AND ${by} < ?`, values: [text, text + LAST] };
    },
    described: (text) => sql`SELECT rowid AS id FROM job_search WHERE job_search MATCH ${trigramsOf(text)}`,
  },
  postgres: {
    take: null,
    is: (column, text) => ({
      where: `${beginning(column)} = ${beginning('CAST(? AS TEXT)')} AND ${column} = ?`,
      values: [text, text],
    }),
    begins(column, text) {
      const by = beginning(column);
      return {
        by,
        where: `${by} >= ${beginning('CAST(? AS TEXT)')} AND ${by} < ${beginning('CAST(? AS TEXT)')} || ?`,
        values: [text, text, LAST],
      };
    },
    described: (text) => sql`SELECT id FROM job
      WHERE lower(description COLLATE "und-x-icu") LIKE lower(CAST(${patternOf(text)} AS TEXT) COLLATE "und-x-icu")`,
  },
};

const MAX_TRIGRAMS = 12;

/** Trigrams of the text, spread over it, as SQLite is asked for what has all of them. */
export function trigramsOf(text: string): string {
  const letters = [...text];
  const pieces = new Set<string>();
  const step = Math.max(1, Math.floor((letters.length - 2) / MAX_TRIGRAMS));
  for (let i = 0; i + 3 <= letters.length; i += step) pieces.add(letters.slice(i, i + 3).join(''));
  return [...pieces].map((piece) => `"${piece.replaceAll('"', '""')}"`).join(' AND ');
}

/** What contains the text, as LIKE is asked for it. */
export function patternOf(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** As the index has it. */
function beginning(text: string): string {
  return `left(lower(${text}), 200)`;
}
