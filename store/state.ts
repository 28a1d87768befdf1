/** What the store remembers of itself, as JSON under a key. */
import type { Sql, Store } from './store.ts';

/** Key of a store that is being copied into: nothing is served from it or read into it. */
export const COPY_UNFINISHED = 'copy';

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

/** What is remembered under the key already, or this from now on. */
export async function keepState<T>(store: Store, key: string, value: T): Promise<T> {
  return store.transaction(async () => {
    await store.sql.run(
      'INSERT INTO store_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING',
      key,
      JSON.stringify(value),
    );
    const kept = await readState<T>(store.sql, key);
    if (kept === null) throw new Error(`the store does not keep ${key}`);
    return kept;
  });
}

/** Call inside a transaction. */
export async function deleteState(sql: Sql, key: string): Promise<void> {
  await sql.run('DELETE FROM store_state WHERE key = ?', key);
}

/** A sentence when the store is not whole, else null. */
export async function incompleteness(sql: Sql): Promise<string | null> {
  return (await readState(sql, COPY_UNFINISHED)) === null
    ? null
    : 'a copy into this store was not finished: run `basalt store copy` again';
}
