/** What both engines are to the rest of the store. */
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Micros } from '#schema/records.ts';

/** An instant of a change is taken at the beginning of what writes it, by the clock of that machine: so long before its end, at most. */
export const CHANGE_MARGIN: Micros = 60_000_000;

export type Value = string | number | bigint | Uint8Array | null;

/** Prepared statements by their text, with `?` for a value: for the write path and for what the query builder cannot say. */
export type Sql = {
  run(text: string, ...values: Value[]): Promise<void>;
  get<Row>(text: string, ...values: Value[]): Promise<Row | undefined>;
  all<Row>(text: string, ...values: Value[]): Promise<Row[]>;
};

export type Engine = 'sqlite' | 'postgres';

export type TransactionOptions = {
  /** No other transaction of any process runs meanwhile. SQLite's never do. */
  alone?: boolean;
  /** Only reads, and all of it as of one moment. Readers have no other. */
  snapshot?: boolean;
};

/** A job has finished. */
export type StoreEvent = { source: string; epoch: number; externalId: string };

export type Store = {
  readonly engine: Engine;
  /** The query builder; typed as SQLite's for both (see schema/kit.postgres.ts). */
  readonly db: BetterSQLite3Database;
  readonly sql: Sql;
  /** Folder of the logs' bytes. */
  readonly logDir: string;
  /** Of the disk with the logs and, in SQLite, the file. */
  freeBytes(): number;
  /**
   * Runs the body in one transaction; transactions of one store follow each other. What the body awaits is inside,
   * whatever else runs meanwhile is not.
   */
  transaction<T>(body: () => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Call inside a transaction before a row of the month is added to a table that is kept by months. */
  prepareMonth(month: number): Promise<void>;
  /** After rows with ids of their own came into a table: new ids go on behind them. */
  continueIds(table: string): Promise<void>;
  /** Call inside a transaction: once it is committed, whoever listens to the store in any process hears of the event. */
  announce(event: StoreEvent): Promise<void>;
  /** Until the returned function is called. A file's readers hear nothing: its one ingester tells in its own process. */
  listen(hear: (event: StoreEvent) => void): () => Promise<void>;
  /** Statements run so far: tests count them. */
  statementCount(): number;
  /** Seconds that what is read here is behind what is written; 0 where they are one. */
  lagSeconds(): Promise<number>;
  /**
   * What is still being written, or will be, changes nothing that says it changed before this instant: what is read after
   * it was asked for holds every change up to there. A minute before now, or before the oldest transaction that runs.
   */
  changeHorizon(now: Micros): Promise<Micros>;
  /** False while the server cannot be reached. */
  answers(): Promise<boolean>;
  /** Null when the tables are as this version wants them, else what is wrong and what to do. */
  schemaProblem(): Promise<string | null>;
  /** What the engine's own check of its files finds; null when it finds nothing. */
  damage(): Promise<string | null>;
  /** Bytes the tables take on disk, and how many of them are free for rows to come. */
  size(): Promise<{ bytes: number; free: number }>;
  /** Gives room that deleted rows have left back to the disk, as far as nobody is held up by it. */
  giveBack(signal?: AbortSignal): Promise<void>;
  /** The same with all of it: everything is written anew, and whoever writes waits. */
  compact(): Promise<void>;
  /** How the engine would run a query: a step a line. */
  explain(text: string, ...values: Value[]): Promise<string[]>;
  close(): Promise<void>;
};

export type StoreOptions = {
  /** `sqlite:./data/basalt.db` or `postgres://user:password@host/database` */
  url: string;
  /** Of a PostgreSQL standby that readers use instead; what is announced still comes from the first. */
  readUrl?: string;
  /** A writer creates and migrates; readers only look. */
  mode: 'write' | 'read';
  /** Folder of the logs' bytes; beside SQLite's file unless said. */
  logDir?: string;
  /** A store that lets a query, or whoever writes, wait for longer does not answer: where somebody waits for the answer. Milliseconds. */
  patienceMs?: number;
  /** What is committed survives a power cut, at a sync of the disk each. A server's always does. */
  isDurable?: boolean;
};
