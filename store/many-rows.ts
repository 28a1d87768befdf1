/** Many rows in few statements: one way to the database and back for up to 256 of them. */
import type { Sql, Value } from './store.ts';

/** Few sizes, so that few statements are prepared; up to sixteen rows in one. */
const SIZES = [256, 64, ...Array.from({ length: 16 }, (_, i) => 16 - i)];

/** Calls with as many rows at a time as fit. */
async function inPieces<Row>(rows: readonly Row[], take: (piece: readonly Row[]) => Promise<void>): Promise<void> {
  for (let at = 0; at < rows.length; ) {
    const size = SIZES.find((n) => n <= rows.length - at) ?? 1;
    await take(rows.slice(at, at + size));
    at += size;
  }
}

/** `before` VALUES rows `after`: "INSERT INTO t (a, b)", "ON CONFLICT DO NOTHING". Every row has the same width. */
export async function insertRows(
  sql: Sql,
  before: string,
  rows: readonly (readonly Value[])[],
  after = '',
): Promise<void> {
  await inPieces(rows, (piece) => sql.run(`${before} VALUES ${marksOf(piece)} ${after}`, ...piece.flat()));
}

/** The same with a RETURNING clause in `after`. */
export async function insertRowsReturning<Row>(
  sql: Sql,
  before: string,
  rows: readonly (readonly Value[])[],
  after: string,
): Promise<Row[]> {
  const all: Row[] = [];
  await inPieces(rows, async (piece) => {
    all.push(...(await sql.all<Row>(`${before} VALUES ${marksOf(piece)} ${after}`, ...piece.flat())));
  });
  return all;
}

/** Rows of a query that ends with "IN (...)" of the values. */
export async function selectIn<Row>(
  sql: Sql,
  before: string,
  fixed: readonly Value[],
  wanted: readonly Value[],
): Promise<Row[]> {
  const all: Row[] = [];
  await inPieces(wanted, async (piece) => {
    const marks = piece.map(() => '?').join(', ');
    all.push(...(await sql.all<Row>(`${before} IN (${marks})`, ...fixed, ...piece)));
  });
  return all;
}

/** Rows of a query that is asked once for each of many, in few statements. */
export async function selectEach<Row>(sql: Sql, query: string, wanted: readonly (readonly Value[])[]): Promise<Row[]> {
  const all: Row[] = [];
  await inPieces(wanted, async (piece) => {
    const text = piece.map((_, i) => `SELECT * FROM (${query}) q${i}`).join(' UNION ALL ');
    all.push(...(await sql.all<Row>(text, ...piece.flat())));
  });
  return all;
}

function marksOf(rows: readonly (readonly Value[])[]): string {
  const row = `(${(rows[0] ?? []).map(() => '?').join(', ')})`;
  return rows.map(() => row).join(', ');
}
