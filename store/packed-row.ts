/** Tables with a row an environment and day or week that counts in one value (see packed-counts.ts). Nothing is no row. */
import { insertRows, selectIn } from './many-rows.ts';
import type { Sql } from './store.ts';

export type PackedTable = { readonly name: string; readonly at: string; readonly value: string };

/** Of a day or week, by environment. */
export async function readPacked(
  sql: Sql,
  { name, at, value }: PackedTable,
  place: number,
  envIds: readonly number[],
): Promise<Map<number, Buffer>> {
  const select = `SELECT env_id AS "envId", ${value} AS value FROM ${name} WHERE ${at} = ? AND env_id`;
  const rows = await selectIn<{ envId: number; value: Buffer }>(sql, select, [place], envIds);
  return new Map(rows.map((row) => [row.envId, row.value]));
}

/** Of a day or week, each environment once. */
export async function savePacked(
  sql: Sql,
  { name, at, value }: PackedTable,
  place: number,
  rows: readonly (readonly [envId: number, bytes: Buffer])[],
): Promise<void> {
  await insertRows(
    sql,
    `INSERT INTO ${name} (${at}, env_id, ${value})`,
    rows.filter(([, bytes]) => bytes.length > 0).map((row) => [place, ...row]),
    `ON CONFLICT (env_id, ${at}) DO UPDATE SET ${value} = excluded.${value}`,
  );
  for (const [envId, bytes] of rows) {
    if (bytes.length === 0) await sql.run(`DELETE FROM ${name} WHERE env_id = ? AND ${at} = ?`, envId, place);
  }
}

/** Makes the rows of one environment what they should be, and tells what they were. */
export async function mendPacked(
  sql: Sql,
  table: PackedTable,
  envId: number,
  should: ReadonlyMap<number, Buffer>,
): Promise<{ table: string; missing: number; extra: number; wrong: number }> {
  const { name, at, value } = table;
  const difference = { table: name, missing: 0, extra: 0, wrong: 0 };
  const rows = await sql.all<{ place: number; value: Buffer }>(
    `SELECT ${at} AS place, ${value} AS value FROM ${name} WHERE env_id = ?`,
    envId,
  );
  const stored = new Map(rows.map((row) => [row.place, row.value]));
  for (const [place, bytes] of should) {
    const has = stored.get(place);
    stored.delete(place);
    if (has?.equals(bytes)) continue;
    difference[has ? 'wrong' : 'missing'] += 1;
    await savePacked(sql, table, place, [[envId, bytes]]);
  }
  difference.extra = stored.size;
  for (const place of stored.keys()) await savePacked(sql, table, place, [[envId, Buffer.alloc(0)]]);
  return difference;
}
