/** Texts found by index, in each engine's SQL. Case is that of ASCII letters: other letters must be as written. */
import type { Engine, Value } from './store.ts';

export type Condition = { where: string; values: Value[] };

type TextIndex = {
  /** The column is the text. */
  is(column: string, text: string): Condition;
  /** The column begins with the text, in any case; rows come in the order of `by`. */
  begins(column: string, text: string): Condition & { by: string };
};

const LAST = '\u{10ffff}';

export const TEXT_INDEX: Record<Engine, TextIndex> = {
  sqlite: {
    is: (column, text) => ({ where: `${column} COLLATE NOCASE = ? AND ${column} = ?`, values: [text, text] }),
    begins(column, text) {
      const by = `${column} COLLATE NOCASE`;
      return { by, where: `${by} >= ? AND ${by} < ?`, values: [text, text + LAST] };
    },
  },
  postgres: {
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
  },
};

/** As the index has it. */
function beginning(text: string): string {
  return `left(lower(${text}), 200)`;
}
