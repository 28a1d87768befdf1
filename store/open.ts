import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { InvalidInput } from './error.ts';

const MIGRATIONS = join(import.meta.dirname, '../migrations/sqlite');

export type Value = string | number | bigint | Uint8Array | null;

/** Prepared statements by their text, for the write path and for what the query builder cannot say. */
export type Sql = {
  run(text: string, ...values: Value[]): Promise<void>;
  get<Row>(text: string, ...values: Value[]): Promise<Row | undefined>;
  all<Row>(text: string, ...values: Value[]): Promise<Row[]>;
};

export type Store = {
  readonly engine: 'sqlite';
  readonly db: BetterSQLite3Database;
  readonly sql: Sql;
  /** Folder of the logs' bytes. */
  readonly logDir: string;
  /** Runs the body in one transaction; transactions of one store follow each other. Readers have none. */
  transaction<T>(body: () => Promise<T>): Promise<T>;
  /** Statements run so far: tests count them. */
  statementCount(): number;
  /** Null when the tables are as this version wants them, else what is wrong and what to do. */
  schemaProblem(): string | null;
  close(): void;
};

export type StoreOptions = {
  /** `sqlite:./data/basalt.db` */
  url: string;
  /** A writer creates and migrates; readers only look. One writer at a time. */
  mode: 'write' | 'read';
};

/** The file behind a store URL. */
export function storePath(url: string): string {
  if (!url.startsWith('sqlite:') || url.length === 'sqlite:'.length) {
    throw new InvalidInput(`store: "${url}" is not understood; write sqlite:PATH, for example sqlite:./data/basalt.db`);
  }
  return resolve(url.slice('sqlite:'.length));
}

export function openStore({ url, mode }: StoreOptions): Store {
  const path = storePath(url);
  if (mode === 'write') mkdirSync(dirname(path), { recursive: true });
  const client = new Database(path, { readonly: mode === 'read', fileMustExist: mode === 'read', timeout: 10_000 });
  if (mode === 'write') {
    client.pragma('page_size = 16384');
    client.pragma('journal_mode = WAL');
    client.pragma('synchronous = NORMAL');
    client.pragma('journal_size_limit = 67108864');
  }
  client.pragma('cache_size = -65536');
  client.pragma('mmap_size = 2000000000');
  let statements = 0;
  const db = drizzle(client, {
    casing: 'snake_case',
    logger: {
      logQuery() {
        statements += 1;
      },
    },
  });
  if (mode === 'write') migrate(db, { migrationsFolder: MIGRATIONS });

  const prepared = new Map<string, Database.Statement<Value[]>>();
  const statement = (text: string) => {
    statements += 1;
    let found = prepared.get(text);
    if (!found) {
      found = client.prepare<Value[]>(text);
      prepared.set(text, found);
    }
    return found;
  };
  const sql: Sql = {
    async run(text, ...values) {
      statement(text).run(...values);
    },
    async get<Row>(text: string, ...values: Value[]) {
      return statement(text).get(...values) as Row | undefined;
    },
    async all<Row>(text: string, ...values: Value[]) {
      return statement(text).all(...values) as Row[];
    },
  };

  let tail: Promise<unknown> = Promise.resolve();
  const transaction = <T>(body: () => Promise<T>): Promise<T> => {
    const run = async () => {
      client.exec('BEGIN IMMEDIATE');
      try {
        const value = await body();
        client.exec('COMMIT');
        return value;
      } catch (cause) {
        if (client.inTransaction) client.exec('ROLLBACK');
        throw cause;
      }
    };
    const next = tail.then(run, run);
    tail = next.catch(() => undefined);
    return next;
  };

  return {
    engine: 'sqlite',
    db,
    sql,
    logDir: join(dirname(path), 'logs'),
    transaction,
    statementCount: () => statements,
    schemaProblem: () => schemaProblem(client),
    close: () => {
      if (mode === 'write') client.pragma('wal_checkpoint(TRUNCATE)');
      client.close();
    },
  };
}

function schemaProblem(client: Database.Database): string | null {
  const wanted = readMigrationFiles({ migrationsFolder: MIGRATIONS }).map((m) => m.folderMillis);
  const has = client
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE name = '__drizzle_migrations'")
    .get();
  if (!has) return 'the store is empty: run `basalt migrate`';
  const done =
    client.prepare<[], { at: number }>('SELECT max(created_at) AS at FROM __drizzle_migrations').get()?.at ?? 0;
  const newest = Math.max(...wanted);
  if (done < newest) return 'the store is older than this version: run `basalt migrate`';
  if (done > newest) return 'the store was written by a newer Basalt: install that version, or restore a backup';
  return null;
}
