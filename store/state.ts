/** What the store remembers of itself, as JSON under a key. */
import type { Sql } from './store.ts';

export async function readState<T>(sql: Sql, key: string): Promise<T | null> {
  const row = await sql.get<{ value: string }>('SELECT value FROM store_state WHERE key = ?', key);
  return row ? (JSON.parse(row.value) as T) : null;
}

/** Call inside the transaction that did what is remembered. */
export async function saveState(sql: Sql, key: string, value: unknown): Promise<void> {
  await sql.run(
    'INSERT INTO store_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    JSON.stringify(value),
  );
}
