/** SQLite: one file, one writer; the driver is synchronous. */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { InvalidInput } from './error.ts';
import { describeSchema, isNewer } from './schema-version.ts';
import { incompleteness } from './state.ts';
import type { Sql, Store, StoreOptions, Value } from './store.ts';

const MIGRATIONS = join(import.meta.dirname, '../migrations/sqlite');
export const SCHEME = 'sqlite:';

/** The file behind a URL. */
export function sqlitePath(url: string): string {
  return resolve(url.slice(SCHEME.length));
}

/** @throws InvalidInput when a newer version wrote the store. */
export async function openSqlite({ url, mode, logDir }: StoreOptions): Promise<Store> {
  const path = sqlitePath(url);
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
  if (mode === 'write') {
    if (isNewer(MIGRATIONS, newestMigration(client))) {
      client.close();
      throw new InvalidInput(`${path}: ${describeSchema(MIGRATIONS, Number.POSITIVE_INFINITY)}`);
    }
    migrate(db, { migrationsFolder: MIGRATIONS });
  }

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
    logDir: logDir ?? join(dirname(path), 'logs'),
    transaction,
    prepareMonth: async () => undefined,
    continueIds: async () => undefined,
    announce: async () => undefined,
    listen: () => async () => undefined,
    statementCount: () => statements,
    lagSeconds: async () => 0,
    answers: async () => true,
    schemaProblem: async () => describeSchema(MIGRATIONS, newestMigration(client)) ?? (await incompleteness(sql)),
    async damage() {
      const [row] = await sql.all<{ integrity_check: string }>('PRAGMA integrity_check');
      return row?.integrity_check === 'ok' ? null : (row?.integrity_check ?? 'no answer');
    },
    async explain(text, ...values) {
      const steps = await sql.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`, ...values);
      return steps.map((step) => step.detail);
    },
    async close() {
      if (mode === 'write') client.pragma('wal_checkpoint(TRUNCATE)');
      client.close();
    },
  };
}

function newestMigration(client: Database.Database): number | null {
  const has = client.prepare("SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'").get();
  if (!has) return null;
  return (
    client.prepare<[], { at: number | null }>('SELECT max(created_at) AS at FROM __drizzle_migrations').get()?.at ??
    null
  );
}
