/** SQLite: one file, one writer; the driver is synchronous. */
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { InvalidInput, StoreDamaged, StoreUnavailable } from './error.ts';
import { freeBytes } from './room.ts';
import { describeSchema, isNewer } from './schema-version.ts';
import { incompleteness } from './state.ts';
import { CHANGE_MARGIN, type Sql, type Store, type StoreOptions, type Value } from './store.ts';

const MIGRATIONS = join(import.meta.dirname, '../migrations/sqlite');
export const SCHEME = 'sqlite:';
const HEADER_BYTES = 100;
/** How long one who writes waits for another. */
const BUSY_MS = 10_000;
const SHRINKS = 'auto_vacuum = INCREMENTAL';
/** A connection's own pages: a reader has the file mapped, and a writer gains nothing from more (bench/RESULTS.md). */
const CACHE_KB = 16_384;
/** Moved in one transaction: 4 MB. */
const GIVEN_PAGES = 256;
/** A file up to this size is looked through when it is opened: about a second. `basalt doctor` takes any. */
const CHECKED_BYTES = 512 * 1024 * 1024;

/** The file behind a URL. */
export function sqlitePath(url: string): string {
  return resolve(url.slice(SCHEME.length));
}

/**
 * @throws InvalidInput when a newer version wrote the store, or its file cannot be opened.
 * @throws StoreDamaged when the file is cut short or spoiled.
 */
export async function openSqlite(options: StoreOptions): Promise<Store> {
  const path = sqlitePath(options.url);
  try {
    if (options.mode === 'write') mkdirSync(dirname(path), { recursive: true });
    else assertThere(path);
    const missing = missingBytes(path);
    if (missing > 0) throw new StoreDamaged(path, `its last ${missing} bytes are missing`);
    return open(path, options);
  } catch (cause) {
    throw unusable(path, damaged(path, cause));
  }
}

/** @throws InvalidInput when there is no file. */
export function assertThere(path: string): void {
  if (existsSync(path)) return;
  throw new InvalidInput(`${path} does not exist: check the path; \`basalt migrate\` makes a new store there`);
}

function damaged(path: string, cause: unknown): unknown {
  const isSpoiled = cause instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(cause.code);
  return isSpoiled ? new StoreDamaged(path, cause.message) : cause;
}

/** What the file system says when it does not let this user have the file, in the operator's words. */
export function unusable(path: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT|SQLITE_(CANTOPEN|READONLY|PERM).*)$/.test(code)
    ? new InvalidInput(`${path}: cannot be opened (${code}): this user must be able to write to it and to its folder`, {
        cause,
      })
    : cause;
}

/** What the header counts and the file lacks. While there is a write-ahead log the pages may be there. */
function missingBytes(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size < HEADER_BYTES || wal > 0) return 0;
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  readSync(file, header, 0, HEADER_BYTES, 0);
  closeSync(file);
  if (header.toString('latin1', 0, 15) !== 'SQLite format 3') return 0;
  const pageSize = header.readUInt16BE(16);
  return header.readUInt32BE(28) * (pageSize === 1 ? 65_536 : pageSize) - size;
}

function open(path: string, { mode, logDir, patienceMs, isDurable }: StoreOptions): Store {
  const timeout = Math.min(BUSY_MS, patienceMs ?? BUSY_MS);
  const client = new Database(path, { readonly: mode === 'read', fileMustExist: mode === 'read', timeout });
  if (mode === 'write') {
    client.pragma('page_size = 16384');
    if (client.pragma('page_count', { simple: true }) === 0) client.pragma(SHRINKS);
    client.pragma('journal_mode = WAL');
    client.pragma(`synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`);
    client.pragma('journal_size_limit = 67108864');
  }
  client.pragma(`cache_size = -${CACHE_KB}`);
  // Pages that are written are read from the log before the file: mapping the file costs a writer more than it spares.
  client.pragma(`mmap_size = ${mode === 'read' ? 2_000_000_000 : 0}`);
  let statements = 0;
  const db = drizzle(client, {
    casing: 'snake_case',
    logger: {
      logQuery() {
        statements += 1;
      },
    },
  });
  if (isNewer(MIGRATIONS, newestMigration(client))) {
    client.close();
    throw new InvalidInput(`${path}: ${describeSchema(MIGRATIONS, Number.POSITIVE_INFINITY)}`);
  }
  if (statSync(path).size <= CHECKED_BYTES) {
    const [found] = client.pragma('quick_check(1)') as { quick_check: string }[];
    if (found?.quick_check !== 'ok') {
      client.close();
      throw new StoreDamaged(path, lastLine(found?.quick_check));
    }
  }
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
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw damaged(path, cause);
    }
  };
  const sql: Sql = {
    async run(text, ...values) {
      attempt(() => statement(text).run(...values));
    },
    async get<Row>(text: string, ...values: Value[]) {
      return attempt(() => statement(text).get(...values)) as Row | undefined;
    },
    async all<Row>(text: string, ...values: Value[]) {
      return attempt(() => statement(text).all(...values)) as Row[];
    },
  };

  let tail: Promise<unknown> = Promise.resolve();
  const transaction: Store['transaction'] = (body, { snapshot = false } = {}) => {
    const run = async () => {
      try {
        client.exec(snapshot ? 'BEGIN' : 'BEGIN IMMEDIATE');
      } catch (cause) {
        const isBusy = cause instanceof Database.SqliteError && cause.code === 'SQLITE_BUSY';
        throw isBusy && patienceMs !== undefined ? new StoreUnavailable(path, { cause }) : cause;
      }
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

  const logs = logDir ?? join(dirname(path), 'logs');
  return {
    engine: 'sqlite',
    db,
    sql,
    logDir: logs,
    freeBytes: () => freeBytes(logs),
    transaction,
    prepareMonth: async () => undefined,
    continueIds: async () => undefined,
    announce: async () => undefined,
    listen: () => async () => undefined,
    statementCount: () => statements,
    lagSeconds: async () => 0,
    changeHorizon: async (now) => now - CHANGE_MARGIN,
    answers: async () => true,
    schemaProblem: async () => describeSchema(MIGRATIONS, newestMigration(client)) ?? (await incompleteness(sql)),
    async damage() {
      const [row] = await sql.all<{ integrity_check: string }>('PRAGMA integrity_check');
      return row?.integrity_check === 'ok' ? null : lastLine(row?.integrity_check);
    },
    async size() {
      const read = (name: string) => Number(client.pragma(name, { simple: true }));
      const page = read('page_size');
      return { bytes: read('page_count') * page, free: read('freelist_count') * page };
    },
    async giveBack(signal) {
      const piece = async () => {
        const before = Number(client.pragma('freelist_count', { simple: true }));
        client.pragma(`incremental_vacuum(${GIVEN_PAGES})`);
        const left = Number(client.pragma('freelist_count', { simple: true }));
        return left > 0 && left < before;
      };
      while (!signal?.aborted && (await transaction(piece)));
      client.pragma('wal_checkpoint(TRUNCATE)');
    },
    async compact() {
      // A file of an earlier version learns to shrink by it.
      client.pragma(SHRINKS);
      client.exec('VACUUM');
      client.pragma('wal_checkpoint(TRUNCATE)');
    },
    async explain(text, ...values) {
      const steps = await sql.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`, ...values);
      return steps.map((step) => step.detail);
    },
    async close() {
      if (!client.open) return;
      if (mode === 'write') client.pragma('wal_checkpoint(TRUNCATE)');
      client.close();
    },
  };
}

/** A check's first line names the database, which has no other. */
function lastLine(text = 'no answer'): string {
  return text.trimEnd().split('\n').at(-1) ?? text;
}

function newestMigration(client: Database.Database): number | null {
  const has = client.prepare("SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'").get();
  if (!has) return null;
  return (
    client.prepare<[], { at: number | null }>('SELECT max(created_at) AS at FROM __drizzle_migrations').get()?.at ??
    null
  );
}
