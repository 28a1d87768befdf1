/** One process at a time reads sources into a store that is a file; in PostgreSQL they share the sources by leases. */
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { StoreInUse } from './error.ts';
import { isPostgresUrl } from './postgres.ts';
import { sqlitePath, unusable } from './sqlite.ts';

/**
 * Holds the store for this process until the returned function is called. The lock is the operating system's, on a file
 * beside the store: it goes with the process, however that ends.
 * @throws StoreInUse when another process has it.
 * @throws InvalidInput when the folder of the store cannot be written to.
 */
export function lockIngest(url: string): () => void {
  if (isPostgresUrl(url)) return () => undefined;
  const path = sqlitePath(url);
  const lock = openLock(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!(cause instanceof Database.SqliteError) || cause.code !== 'SQLITE_BUSY') throw cause;
    throw new StoreInUse(`${path}: another Basalt reads sources into this store; stop it first, or let it do the work`);
  }
  return () => lock.close();
}

function openLock(path: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // A store may go by two names.
    const real = existsSync(path) ? realpathSync(path) : path;
    return new Database(`${real}.ingest`, { timeout: 0 });
  } catch (cause) {
    throw unusable(path, cause);
  }
}
