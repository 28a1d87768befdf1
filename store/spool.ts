/**
 * What an agent has read and Basalt does not hold yet: a file of its own in the lab. An entry and the bookmark that stands
 * after it are written together, and are on the disk when `add` returns.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Entry, EntryKind } from '#schema/agent-batch.ts';
import type { AgentWaiting } from '#schema/tables.ts';
import { StoreDamaged, StoreInUse } from './error.ts';
import { isDiskFull } from './room.ts';
import { unusable } from './sqlite.ts';

/** Of a row and its share of pages, beside its body. */
const ROW_BYTES = 64;
/** Pushed at once. */
const BATCH_ENTRIES = 500;
/** Once it was full, reading goes on when so much of it is free. */
const FREE_SHARE = 0.1;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (sequence INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`;

/** There is no room for it: what it was made of has to be read again. */
export class SpoolFull extends Error {
  override name = 'SpoolFull';
}

/** What the bookmark stood for is to be read once more: this walk goes nowhere. */
export class WalkEnded extends Error {
  override name = 'WalkEnded';
}

type NewEntry = { kind: EntryKind; body: Buffer };

export type SpoolState = {
  stream: string;
  was: string | null;
  bookmark: string | null;
  /** Everything up to here was acknowledged. */
  after: number;
  /** The last that Basalt told; null before. */
  generation: number | null;
};

export type Walk = {
  bookmark: string | null;
  /**
   * As `Spool.add`, and the bookmark that stands after them with them.
   * @throws WalkEnded when everything is to be read once more since.
   */
  add(entries: Iterable<NewEntry>, bookmark: string): number;
};

export type Spool = {
  state(): SpoolState;
  /**
   * All of the entries, or nothing. Of `probe` and `fleet` only the newest is kept. How many there were.
   * @throws SpoolFull when they do not fit, unless the spool is empty: what is larger than all of it would never fit.
   */
  add(entries: Iterable<NewEntry>): number;
  /** From where the source is read. */
  walk(): Walk;
  waiting(): AgentWaiting;
  /** The next entries to be pushed, oldest first: at most so many bytes, but always one. */
  next(mostBytes: number): Entry[];
  /** Basalt holds everything up to here. Everything is to be read once more when the generation has grown. */
  acknowledge(held: number, generation: number): void;
  /** Under a new name, with everything that waits: all is read once more. */
  beginAnew(): void;
  close(): void;
};

/**
 * @throws StoreInUse when another agent has it.
 * @throws StoreDamaged when it is no file of ours.
 * @throws InvalidInput when it cannot be written to.
 */
export function openSpool(path: string, limitBytes: number): Spool {
  const db = openFile(path);
  const read = db.prepare<[string], { value: string }>('SELECT value FROM state WHERE key = ?');
  const save = db.prepare(
    'INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const forget = db.prepare('DELETE FROM state WHERE key = ?');
  const insert = db.prepare('INSERT INTO entry (kind, body) VALUES (?, ?)');
  const replace = db.prepare('DELETE FROM entry WHERE kind = ?');
  const drop = db.prepare('DELETE FROM entry WHERE sequence <= ?');
  const list = db.prepare<[], Entry & { size: number }>(
    `SELECT sequence, kind, length(body) AS size FROM entry ORDER BY sequence LIMIT ${BATCH_ENTRIES}`,
  );
  const take = db.prepare<[number], { body: Buffer }>('SELECT body FROM entry WHERE sequence = ?');
  const sum = db.prepare<[number], { entries: number; bytes: number }>(
    `SELECT count(*) AS entries, COALESCE(sum(length(body) + ${ROW_BYTES}), 0) AS bytes FROM entry WHERE sequence <= ?`,
  );
  const sumUpTo = (sequence: number) => sum.get(sequence) ?? { entries: 0, bytes: 0 };

  const get = (key: string) => read.get(key)?.value ?? null;
  const put = (key: string, value: string) => save.run(key, value);
  if (get('stream') === null) put('stream', randomUUID());
  let used = sumUpTo(Number.MAX_SAFE_INTEGER);
  /** What did not fit; null while everything does. */
  let refused: number | null = null;
  /** Grows when the bookmark is taken away. */
  let walks = 0;
  const forgetBookmark = () => {
    forget.run('bookmark');
    walks += 1;
  };
  const isFull = () =>
    used.bytes > limitBytes ||
    (refused !== null && used.entries > 0 && used.bytes + Math.max(refused, limitBytes * FREE_SHARE) > limitBytes);

  const add = db.transaction((entries: Iterable<NewEntry>, bookmark: string | null) => {
    let [added, bytes, replaced] = [0, 0, 0];
    for (const { kind, body } of entries) {
      bytes += body.length + ROW_BYTES;
      if (kind === 'probe' || kind === 'fleet') replaced += replace.run(kind).changes;
      insert.run(kind, body);
      added += 1;
    }
    if (added > 0 && used.entries > 0 && used.bytes + bytes > limitBytes) {
      refused = bytes;
      throw new SpoolFull(`the spool holds ${used.bytes} of ${limitBytes} bytes`);
    }
    if (bookmark !== null) put('bookmark', bookmark);
    const after = { entries: used.entries + added, bytes: used.bytes + bytes };
    return { added, after: replaced === 0 ? after : sumUpTo(Number.MAX_SAFE_INTEGER) };
  });
  const acknowledge = db.transaction((held: number, generation: number) => {
    const before = get('generation');
    if (before !== null && generation > Number(before)) forgetBookmark();
    put('generation', String(generation));
    put('after', String(held));
    const gone = sumUpTo(held);
    drop.run(held);
    return { entries: used.entries - gone.entries, bytes: used.bytes - gone.bytes };
  });
  const beginAnew = db.transaction(() => {
    put('was', get('stream') ?? '');
    put('stream', randomUUID());
    forget.run('after');
    forgetBookmark();
  });

  const addWith = (entries: Iterable<NewEntry>, bookmark: string | null) => {
    try {
      const { added, after } = add.immediate(entries, bookmark);
      used = after;
      return added;
    } catch (cause) {
      if (!isDiskFull(cause)) throw cause;
      throw new SpoolFull('the disk of the spool is full', { cause });
    }
  };

  return {
    state: () => ({
      stream: get('stream') ?? '',
      was: get('was'),
      bookmark: get('bookmark'),
      after: Number(get('after') ?? 0),
      generation: get('generation') === null ? null : Number(get('generation')),
    }),
    add: (entries) => addWith(entries, null),
    walk() {
      const mine = walks;
      return {
        bookmark: get('bookmark'),
        add(entries, bookmark) {
          if (mine !== walks) throw new WalkEnded('everything is to be read once more');
          return addWith(entries, bookmark);
        },
      };
    },
    waiting: () => ({ ...used, limitBytes, isFull: isFull() }),
    next(mostBytes) {
      let bytes = 0;
      const entries: Entry[] = [];
      for (const { sequence, kind, size } of list.all()) {
        bytes += size;
        if (bytes > mostBytes && entries.length > 0) break;
        entries.push({ sequence, kind, body: take.get(sequence)?.body ?? Buffer.alloc(0) });
      }
      return entries;
    },
    acknowledge(held, generation) {
      used = acknowledge.immediate(held, generation);
      if (!isFull()) refused = null;
      db.pragma('incremental_vacuum');
    },
    beginAnew: () => beginAnew.immediate(),
    close: () => db.close(),
  };
}

function openFile(path: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const db = new Database(path, { timeout: 0 });
    // One agent has it, as long as its process lives.
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('journal_size_limit = 16777216');
    db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    return db;
  } catch (cause) {
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY'))
      throw new StoreInUse(`${path}: another agent uses this spool; stop it first`, { cause });
    if (cause instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(cause.code))
      throw new StoreDamaged(path, cause.message);
    throw unusable(path, cause);
  }
}
