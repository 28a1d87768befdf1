/** A whole store into an empty one, of either engine: row by row as they are, and read back. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getTableColumns, getTableName } from 'drizzle-orm';
import { CasingCache } from 'drizzle-orm/casing';
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import { tables } from '#schema/tables.ts';
import { InvalidInput } from './error.ts';
import { createFreshTexts } from './fresh-texts.ts';
import { logPath } from './log-file.ts';
import { SHARED_LOGS } from './log-removal.ts';
import { COPY_UNFINISHED, deleteState, saveState } from './state.ts';
import type { Sql, Store, Value } from './store.ts';
import { isIndexed } from './text-index.ts';

/** Who reads which source, who looks at what, and what an agent is asked, is the store's own affair, not the archive's. */
const {
  lease: _lease,
  ingester: _ingester,
  liveJob: _liveJob,
  livePiece: _livePiece,
  agentQuestion: _agentQuestion,
  ...copied
} = tables;
const CHUNK_BYTES = 8 * 1024 * 1024;
const MAX_ROWS = 500;
const SHARED_TEXT = `Two stores name the logs in this folder, so retention of neither deletes a file.
Delete this file once only one of the stores is left.
`;

type Row = Record<string, Value>;
type Layout = { name: string; columns: string[]; key: string[]; hasOwnId: boolean; isMonthly: boolean };

const casing = new CasingCache('snake_case');
const LAYOUTS = Object.values(copied).map(layoutOf);
const LOGS = layoutOf(tables.log);

function layoutOf(table: SQLiteTable): Layout {
  const columns = Object.values(getTableColumns(table));
  const { primaryKeys } = getTableConfig(table);
  const key = primaryKeys[0]?.columns ?? columns.filter((column) => column.primary);
  const names = columns.map((column) => casing.getColumnCasing(column));
  return {
    name: getTableName(table),
    columns: names,
    key: key.map((column) => casing.getColumnCasing(column)),
    // A text is nobody's number.
    hasOwnId: columns.some(({ name, dataType }) => name === 'id' && dataType === 'number'),
    isMonthly: names.includes('month'),
  };
}

export type Copied = { table: string; rows: number };
export type CopyOptions = {
  /** Rows of the table done so far. */
  onProgress?: (table: string, rows: number) => void;
  /** Logs whose files are lost are no reason to copy nothing. */
  withoutLostLogs?: boolean;
  signal?: AbortSignal;
};

/**
 * The store as it is at this moment. A copy that was cut short begins anew.
 * @throws InvalidInput when `to` holds something already, or a log's file is not there.
 * @throws Error when what was written does not read as what was copied.
 */
export async function copyStore(from: Store, to: Store, options: CopyOptions = {}): Promise<Copied[]> {
  await makeEmpty(to);
  const { done, digests } = await from.transaction(() => copyAll(from, to, options), { snapshot: true });
  for (const layout of LAYOUTS) {
    const { digest } = await walk(to.sql, layout, async () => options.signal?.throwIfAborted());
    if (layout.name !== 'store_state' && digest !== digests.get(layout.name)) {
      throw new Error(`${layout.name}: what was written does not read as what was copied`);
    }
  }
  await to.transaction(() => deleteState(to.sql, COPY_UNFINISHED));
  return done;
}

async function copyAll(from: Store, to: Store, options: CopyOptions) {
  const lost = await countLostLogs(from);
  if (lost > 0 && !options.withoutLostLogs) {
    throw new InvalidInput(
      `${lost} logs are not in ${from.logDir}: name their folder by --from-logs, restore it from the last backup, or copy --without-lost-logs`,
    );
  }
  const done: Copied[] = [];
  const digests = new Map<string, string>();
  for (const layout of LAYOUTS) {
    const { rows, digest } = await copyTable(from, to, layout, options);
    digests.set(layout.name, digest);
    done.push({ table: layout.name, rows });
  }
  await copyLogs(from, to, options);
  return { done, digests };
}

async function makeEmpty(to: Store): Promise<void> {
  const unfinished = await to.sql.get('SELECT 1 FROM store_state WHERE key = ?', COPY_UNFINISHED);
  const used = await to.sql.get('SELECT 1 FROM source LIMIT 1');
  if (used && !unfinished) throw new InvalidInput('the store to copy into is not empty: name a new one');
  await to.transaction(async () => {
    for (const { name } of LAYOUTS) await to.sql.run(`DELETE FROM ${name}`);
    await saveState(to.sql, COPY_UNFINISHED, 'unfinished');
  });
}

async function copyTable(from: Store, to: Store, layout: Layout, { onProgress, signal }: CopyOptions) {
  const { name, hasOwnId, isMonthly } = layout;
  const months = isMonthly
    ? await from.sql.all<{ month: number }>(`SELECT DISTINCT month FROM ${name} ORDER BY month`)
    : [];
  for (const { month } of months) await to.transaction(() => to.prepareMonth(month));
  let done = 0;
  const freshTexts = createFreshTexts(to);
  const result = await walk(from.sql, layout, async (rows) => {
    signal?.throwIfAborted();
    await to.transaction(async () => {
      await insert(to.sql, layout, rows);
      if (isIndexed(name))
        freshTexts.add(
          name,
          rows.map(({ id }) => Number(id)),
        );
      await freshTexts.index();
    });
    done += rows.length;
    onProgress?.(name, done);
  });
  if (hasOwnId) await to.continueIds(name);
  return { rows: done, digest: result.digest };
}

/** Every row in the order of its key, a few megabytes at a time, with a hash of them all. */
async function walk(sql: Sql, { name, columns, key }: Layout, take: (rows: Row[]) => Promise<void>) {
  const hash = createHash('sha256');
  const order = key.map(quote).join(', ');
  const marks = key.map(() => '?').join(', ');
  const select = `SELECT ${columns.map(quote).join(', ')} FROM ${name}`;
  let limit = 100;
  let last: Row | undefined;
  while (true) {
    const rows: Row[] = last
      ? await sql.all(
          `${select} WHERE (${order}) > (${marks}) ORDER BY ${order} LIMIT ${limit}`,
          ...key.map((k) => last?.[k] ?? null),
        )
      : await sql.all(`${select} ORDER BY ${order} LIMIT ${limit}`);
    let bytes = 1;
    for (const row of rows) {
      const text = JSON.stringify(columns.map((c) => plain(row[c])));
      hash.update(text);
      bytes += text.length;
    }
    if (rows.length > 0) await take(rows);
    last = rows.at(-1);
    if (rows.length < limit) return { digest: hash.digest('hex') };
    limit = Math.max(1, Math.min(MAX_ROWS, Math.floor((limit * CHUNK_BYTES) / bytes)));
  }
}

function plain(value: Value | undefined): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

async function insert(sql: Sql, { name, columns }: Layout, rows: readonly Row[]): Promise<void> {
  const marks = `(${columns.map(() => '?').join(', ')})`;
  await sql.run(
    `INSERT INTO ${name} (${columns.map(quote).join(', ')}) VALUES ${rows.map(() => marks).join(', ')}`,
    ...rows.flatMap((row) => columns.map((c) => row[c] ?? null)),
  );
}

function quote(name: string): string {
  return `"${name}"`;
}

async function countLostLogs(from: Store): Promise<number> {
  let lost = 0;
  await walk(from.sql, LOGS, async (rows) => {
    lost += rows.filter((row) => !existsSync(logPath(from.logDir, hashOf(row)))).length;
  });
  return lost;
}

/** Files are named by their content: one that is there is not copied again. */
async function copyLogs(from: Store, to: Store, { onProgress, withoutLostLogs, signal }: CopyOptions): Promise<void> {
  await mkdir(to.logDir, { recursive: true });
  if (existsSync(from.logDir) && (await realpath(from.logDir)) === (await realpath(to.logDir))) {
    await writeFile(join(to.logDir, SHARED_LOGS), SHARED_TEXT);
    return;
  }
  let done = 0;
  await walk(from.sql, LOGS, async (rows) => {
    for (const hash of rows.map(hashOf)) {
      signal?.throwIfAborted();
      const [source, target] = [logPath(from.logDir, hash), logPath(to.logDir, hash)];
      if (withoutLostLogs && !existsSync(source)) continue;
      const has = await stat(target).then(
        ({ size }) => size,
        () => -1,
      );
      if (has !== (await stat(source)).size) {
        await mkdir(dirname(target), { recursive: true });
        await copyFile(source, `${target}.part`);
        await rename(`${target}.part`, target);
      }
      done += 1;
    }
    onProgress?.('logs', done);
  });
}

function hashOf({ hash }: Row): Uint8Array {
  if (!(hash instanceof Uint8Array)) throw new TypeError('a log without a hash');
  return hash;
}
