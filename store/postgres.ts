/** PostgreSQL: many machines; every statement goes over the network, and the server may be gone at any time. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg, { type Client, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { InvalidInput, StoreUnavailable, WriteCollision } from './error.ts';
import { isCollision, isOutage, refused } from './postgres-error.ts';
import { CHANNEL, listen } from './postgres-listen.ts';
import { freeBytes } from './room.ts';
import { describeSchema, isNewer } from './schema-version.ts';
import { incompleteness } from './state.ts';
import { CHANGE_MARGIN, type Sql, type Store, type StoreEvent, type StoreOptions, type Value } from './store.ts';

const MIGRATIONS = join(import.meta.dirname, '../migrations/postgres');
const MIGRATION_TABLE = { migrationsSchema: 'public', migrationsTable: '__drizzle_migrations' };
/**
 * A standby that is connected and has replayed all it received is level; else its last transaction tells how old it is,
 * or, where it has replayed none since it was started, the checkpoint it was started from.
 */
const LAG = `SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0
  WHEN EXISTS (SELECT 1 FROM pg_stat_wal_receiver) AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
  ELSE ceil(greatest(0, extract(epoch FROM clock_timestamp() -
    coalesce(pg_last_xact_replay_timestamp(), (SELECT checkpoint_time FROM pg_control_checkpoint()))))) END AS lag`;
const READ_TRIES = 3;
const REPLAY_TRIES = 200;
const REPLAY_WAIT_MS = 50;
const CONNECT_MS = 5_000;
const ALIVE_MS = 5_000;
/**
 * What a client had begun ends soon after it, with its locks: of a process that was killed, of a machine that is gone,
 * and of a process that stands still in the middle. Ours never let a transaction wait for long.
 */
const SESSION = {
  /** Queries are short, and compiling one takes longer than most of them. */
  jit: 'off',
  client_connection_check_interval: 1_000,
  tcp_keepalives_idle: 5,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 3,
  idle_in_transaction_session_timeout: 20_000,
};
/** It waits for whoever takes what it reads. */
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0';
/** Advisory locks, of Basalt alone in its database. */
const MIGRATE_LOCK = 1;
const WORK_LOCK = 2;
/**
 * Since when the oldest transaction has run that may write; each holds the lock. Of one of another role, whose begin is
 * not told, ten minutes ago. On a standby, which does not know them, ten minutes before the last that it has replayed.
 */
const OLDEST_WRITE = `SELECT floor(extract(epoch FROM CASE WHEN pg_is_in_recovery()
    THEN coalesce(pg_last_xact_replay_timestamp(), 'epoch') - interval '10 minutes'
    ELSE (SELECT min(coalesce(a.xact_start, clock_timestamp() - interval '10 minutes'))
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = $1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) END) * 1000000) AS at`;

/** Tables with a partition a month. Jobs of other times, which no master has run, share the default partition. */
const MONTHLY = ['job_text', 'job_detail'];
/** Tables that rows are deleted from by the million. */
const GROWING = [
  'job',
  'job_label',
  'suite_run',
  'suite_history',
  'flip_day',
  'shape',
  'test_case',
  'log',
  'failure_occurrence',
];
const DROP_PATIENCE_MS = 2_000;
const LOCK_NOT_AVAILABLE = '55P03';
const FIRST_MONTH = 40 * 12;
const LAST_MONTH = 130 * 12;

const { INT8, NUMERIC } = pg.types.builtins;
pg.types.setTypeParser(INT8, Number);
pg.types.setTypeParser(NUMERIC, Number);

type Query = QueryConfig & { query_timeout?: number };

export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url);
}

/**
 * Server and database of a URL, without the secret.
 * @throws InvalidInput, without the secret, when the URL is not understood.
 */
export function describePostgres(url: string): string {
  const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: '', pathname: '@' };
  if (pathname.includes('@')) {
    throw new InvalidInput(
      'store: the postgres:// address is not understood; write postgres://USER:PASSWORD@HOST/DATABASE, and in the password %23 for "#", %2F for "/", %3F for "?", %40 for "@"',
    );
  }
  return `postgres://${host}${pathname}`;
}

/**
 * @throws StoreUnavailable when the server does not answer.
 * @throws InvalidInput when a newer version wrote the store, or the database cannot hold it.
 */
export async function openPostgres({ url: writeUrl, readUrl, mode, logDir, patienceMs }: StoreOptions): Promise<Store> {
  const url = mode === 'read' ? (readUrl ?? writeUrl) : writeUrl;
  const name = describePostgres(url);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'basalt',
    max: mode === 'write' ? 2 : 8,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: patienceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: Object.entries(SESSION)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  });
  // Connections that the server ends say so by themselves; the query that needs one is told, or opens another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const told = (cause: unknown) => {
    if (isOutage(cause)) return new StoreUnavailable(name, { cause });
    return isCollision(cause) ? new WriteCollision('another writer was first', { cause }) : cause;
  };

  const inside = new AsyncLocalStorage<PoolClient>();
  let statements = 0;
  const query = async (config: Query, values?: unknown[], tries = READ_TRIES): Promise<QueryResult> => {
    statements += 1;
    try {
      return await (inside.getStore() ?? pool).query(config, values);
    } catch (cause) {
      // A standby ends a query that reads what the server it follows has just removed.
      if (mode === 'read' && isCollision(cause) && tries > 1) return query(config, values, tries - 1);
      throw told(cause);
    }
  };

  const texts = new Map<string, { name: string; text: string }>();
  const prepared = (text: string) => {
    let found = texts.get(text);
    if (!found) {
      let n = 0;
      found = { name: `b${texts.size}`, text: text.replace(/\?/g, () => `$${++n}`) };
      texts.set(text, found);
    }
    return found;
  };
  const sql: Sql = {
    async run(text, ...values) {
      await query({ ...prepared(text), values });
    },
    async get<Row>(text: string, ...values: Value[]) {
      return (await query({ ...prepared(text), values })).rows[0] as Row | undefined;
    },
    async all<Row>(text: string, ...values: Value[]) {
      return (await query({ ...prepared(text), values })).rows as Row[];
    },
  };

  const connect = async () => {
    try {
      return await pool.connect();
    } catch (cause) {
      throw told(cause);
    }
  };
  const months = new Set<number>();
  let tail: Promise<unknown> = Promise.resolve();
  const transaction: Store['transaction'] = (body, { alone = false, snapshot = false } = {}) => {
    const run = async () => {
      const client = await connect();
      const lock = alone ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
      try {
        await client.query(snapshot ? SNAPSHOT : `BEGIN; SELECT ${lock}(${WORK_LOCK})`);
        const value = await inside.run(client, body);
        await client.query('COMMIT');
        client.release();
        return value;
      } catch (cause) {
        // A partition made in it is gone.
        months.clear();
        await client.query('ROLLBACK').then(
          () => client.release(),
          (broken: Error) => client.release(broken),
        );
        throw told(cause);
      }
    };
    const next = tail.then(run, run);
    tail = next.catch(() => undefined);
    return next;
  };

  /** Rows of the month that came when there was no partition for it stay where they are. */
  const holdsMonth = async (table: string, month: number) =>
    (await query({ text: `SELECT 1 FROM ${table}_rest WHERE month = ${month} LIMIT 1` })).rows.length > 0;
  const prepareMonth = async (month: number) => {
    if (months.has(month) || month < FIRST_MONTH || month > LAST_MONTH) return;
    for (const table of MONTHLY) {
      const partition = `${table}_${1970 + Math.floor(month / 12)}_${String((month % 12) + 1).padStart(2, '0')}`;
      const { rows } = await query({ text: 'SELECT to_regclass($1) AS name', values: [partition] });
      if (rows[0]?.name != null || (await holdsMonth(table, month))) continue;
      await query({
        text: `CREATE TABLE ${partition} PARTITION OF ${table} FOR VALUES FROM (${month}) TO (${month + 1})`,
      });
    }
    months.add(month);
  };

  const partitions = async (): Promise<string[]> => {
    const { rows } = await query({
      text: `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = ANY ($1::regclass[]) AND c.relname NOT LIKE '%\\_rest' ORDER BY 1`,
      values: [MONTHLY],
    });
    return rows.map(({ name }) => String(name));
  };
  /** A month nobody has jobs of any more; whoever reads the table now is not waited for long: there is a next time. */
  const dropEmpty = async (partition: string) => {
    if ((await query({ text: `SELECT 1 FROM ${partition} LIMIT 1` })).rows.length > 0) return;
    await query({ text: `SET LOCAL lock_timeout = '${DROP_PATIENCE_MS}ms'` });
    await query({ text: 'SAVEPOINT drop_empty' });
    try {
      await query({ text: `DROP TABLE ${partition}` });
      months.clear();
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === LOCK_NOT_AVAILABLE)) throw cause;
      await query({ text: 'ROLLBACK TO drop_empty' });
    }
  };

  const newestMigration = async () => {
    const table = await query({ text: "SELECT to_regclass('public.__drizzle_migrations') AS name" });
    if (table.rows[0]?.name == null) return null;
    const newest = await query({ text: 'SELECT max(created_at) AS at FROM public.__drizzle_migrations' });
    return (newest.rows[0]?.at as number | null) ?? null;
  };
  const prepareSchema = async () => {
    const encoding = (await query({ text: 'SHOW server_encoding' })).rows[0]?.server_encoding;
    if (encoding !== 'UTF8') throw new InvalidInput(`${name}: its encoding is ${encoding}; create it with UTF8`);
    const client = await connect();
    try {
      await client.query('SELECT pg_advisory_lock($1)', [MIGRATE_LOCK]);
      await migrate(drizzle(client), { migrationsFolder: MIGRATIONS, ...MIGRATION_TABLE });
    } catch (cause) {
      throw told(cause);
    } finally {
      // The lock goes with the connection.
      client.release(true);
    }
  };
  try {
    if (isNewer(MIGRATIONS, await newestMigration())) {
      throw new InvalidInput(`${name}: ${describeSchema(MIGRATIONS, Number.POSITIVE_INFINITY)}`);
    }
    if (mode === 'write') await prepareSchema();
  } catch (cause) {
    await pool.end();
    throw refused(name, cause);
  }

  /** An event is told once what it speaks of can be read here. */
  const hearWhenReplayed = async (payload: string, client: Client, hear: (event: StoreEvent) => void) => {
    if (url !== writeUrl) {
      const { rows } = await client.query('SELECT pg_current_wal_lsn() AS at');
      for (let tries = 0; tries < REPLAY_TRIES; tries++) {
        const replayed = await query({ text: 'SELECT pg_last_wal_replay_lsn() >= $1 AS yes', values: [rows[0]?.at] });
        if (replayed.rows[0]?.yes) break;
        await wait(REPLAY_WAIT_MS);
      }
    }
    hear(JSON.parse(payload));
  };
  const logs = logDir ?? join('data', 'logs');
  let ended: Promise<void> | undefined;
  return {
    engine: 'postgres',
    // The builder asks its client for nothing but `query`; its types follow the tables' (see schema/kit.postgres.ts).
    db: drizzle({ query } as unknown as PoolClient, { casing: 'snake_case' }) as unknown as BetterSQLite3Database,
    sql,
    logDir: logs,
    freeBytes: () => freeBytes(logs),
    transaction,
    prepareMonth,
    async continueIds(table) {
      await query({
        text: `SELECT setval(pg_get_serial_sequence('${table}', 'id'), greatest(1, (SELECT max(id) FROM ${table})))`,
      });
    },
    async announce(event) {
      await query({ text: 'SELECT pg_notify($1, $2)', values: [CHANNEL, JSON.stringify(event)] });
    },
    listen: (hear) => listen(writeUrl, (payload, client) => hearWhenReplayed(payload, client, hear)),
    lagSeconds: async () => Number((await query({ text: LAG })).rows[0]?.lag ?? 0),
    async changeHorizon(now) {
      const row = (await query({ text: OLDEST_WRITE, values: [WORK_LOCK] })).rows[0];
      return Math.min(now, ...(row?.at == null ? [] : [Number(row.at)])) - CHANGE_MARGIN;
    },
    statementCount: () => statements,
    async answers() {
      try {
        await query({ text: 'SELECT 1', query_timeout: Math.min(ALIVE_MS, patienceMs ?? ALIVE_MS) });
        return true;
      } catch (cause) {
        if (cause instanceof StoreUnavailable) return false;
        throw cause;
      }
    },
    schemaProblem: async () => describeSchema(MIGRATIONS, await newestMigration()) ?? (await incompleteness(sql)),
    damage: async () => null,
    async size() {
      const { rows } = await query({ text: 'SELECT pg_database_size(current_database()) AS bytes' });
      return { bytes: Number(rows[0]?.bytes), free: 0 };
    },
    async giveBack() {
      for (const partition of await partitions()) await transaction(() => dropEmpty(partition), { alone: true });
    },
    async compact() {
      for (const table of [...(await partitions()), ...GROWING])
        await query({ text: `VACUUM (FULL, ANALYZE) ${table}` });
    },
    async explain(text, ...values) {
      const rows = await sql.all<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, ...values);
      return rows.map((row) => row['QUERY PLAN']);
    },
    close() {
      ended ??= pool.end();
      return ended;
    },
  };
}
