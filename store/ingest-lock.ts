/** One process at a time reads sources into a store that is a file; in PostgreSQL they share the sources by leases. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { StoreInUse } from './error.ts';
import { isPostgresUrl } from './postgres.ts';
import { sqlitePath } from './sqlite.ts';

/**
 * Holds the store for this process until the returned function is called. The lock is the operating system's, on a file
 * beside the store: it goes with the process, however that ends.
 * @throws StoreInUse when another process has it.
 */
export function lockIngest(url: string): () => void {
  if (isPostgresUrl(url)) return () => undefined;
  const path = sqlitePath(url);
  mkdirSync(dirname(path), { recursive: true });
  const lock = new Database(`${path}.ingest`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!(cause instanceof Database.SqliteError) || cause.code !== 'SQLITE_BUSY') throw cause;
    throw new StoreInUse(`${path}: another Basalt reads sources into this store; stop it first, or let it do the work`);
  }
  return () => lock.close();
}
