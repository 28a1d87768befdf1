/**
 * Device types that mean the same under another name. What a source calls a type stays beside what it is called here
 * (`own_device_type_id`), in rows of env and device alone: jobs, histories and sums hang on env and follow without being
 * touched, and taking an alias back is the same work.
 */
import type { Sql } from './store.ts';

/** What the type `own` of source `source` is called here: the alias for the source, the one for all, or its own name. */
export const TYPE_HERE = (own: string, source: string) => `coalesce((SELECT h.id FROM name_alias a
    JOIN device_type o ON o.name = a.name JOIN device_type h ON h.name = a.alias JOIN source s ON s.id = ${source}
  WHERE a.kind = 'DEVICE_TYPE' AND o.id = ${own} AND a.source IN (s.slug, '') ORDER BY a.source DESC LIMIT 1), ${own})`;

/** Call inside a transaction in which nobody else writes. Gives how many names, and rows of env and device, were otherwise. */
export async function applyTypeAliases(sql: Sql): Promise<{ deviceType: number; env: number; device: number }> {
  const named = await sql.all(
    `INSERT INTO device_type (name) SELECT DISTINCT a.alias FROM name_alias a WHERE a.kind = 'DEVICE_TYPE'
       AND NOT EXISTS (SELECT 1 FROM device_type t WHERE t.name = a.alias) RETURNING id`,
  );
  const placed = async (table: 'env' | 'device') => {
    const here = TYPE_HERE(`${table}.own_device_type_id`, `${table}.source_id`);
    return sql.all(`UPDATE ${table} SET device_type_id = ${here} WHERE device_type_id <> ${here} RETURNING id`);
  };
  return { deviceType: named.length, env: (await placed('env')).length, device: (await placed('device')).length };
}
