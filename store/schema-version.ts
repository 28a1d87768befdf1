/** Are the tables those of this version? `newestDone`: creation time of the last migration applied, null without one. */
import { readMigrationFiles } from 'drizzle-orm/migrator';

/** What is wrong and what to do; null when nothing is. */
export function describeSchema(migrationsFolder: string, newestDone: number | null): string | null {
  if (newestDone === null) return 'the store is empty: run `basalt migrate`';
  const newest = newestOf(migrationsFolder);
  if (newestDone < newest) return 'the store is older than this version: run `basalt migrate`';
  if (newestDone > newest) return 'the store was written by a newer Basalt: install that version, or restore a backup';
  return null;
}

export function isNewer(migrationsFolder: string, newestDone: number | null): boolean {
  return newestDone !== null && newestDone > newestOf(migrationsFolder);
}

function newestOf(migrationsFolder: string): number {
  return Math.max(...readMigrationFiles({ migrationsFolder }).map((m) => m.folderMillis));
}
