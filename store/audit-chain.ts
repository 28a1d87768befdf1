/**
 * Each audit event carries a hash of itself and of the hash before it, and the store remembers the newest: whoever
 * changes, removes or adds a row past Basalt breaks the chain, and `basalt doctor` says where.
 */
import { createHash } from 'node:crypto';
import type { Sql, Store } from './store.ts';

export type ChainedRow = {
  id: number;
  at: number;
  actor: string;
  action: string;
  target: string;
  before: string | null;
  after: string | null;
};

const HEAD = 'audit-head';
const CHUNK = 1_000;

/** Call inside the transaction that adds an event, before it: it holds others back until this one ends. Gives the newest hash. */
export async function lockChain(sql: Sql): Promise<string> {
  const row = await sql.get<{ value: string }>(
    `INSERT INTO store_state (key, value) VALUES (?, '')
     ON CONFLICT (key) DO UPDATE SET value = store_state.value RETURNING value`,
    HEAD,
  );
  return row?.value ?? '';
}

export async function chain(sql: Sql, head: string, row: ChainedRow): Promise<void> {
  const hash = hashOf(head, row);
  await sql.run('UPDATE audit_event SET hash = ? WHERE id = ?', hash, row.id);
  await sql.run('UPDATE store_state SET value = ? WHERE key = ?', hash.toString('hex'), HEAD);
}

function hashOf(head: string, { id, at, actor, action, target, before, after }: ChainedRow): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([head, id, at, actor, action, target, before, after]))
    .digest();
}

/** What of the audit log is not as it was written, in words; null when all of it is. Events from before the chain are not judged. */
export async function brokenChain({ sql }: Pick<Store, 'sql'>): Promise<string | null> {
  const head = (await sql.get<{ value: string }>('SELECT value FROM store_state WHERE key = ?', HEAD))?.value ?? '';
  let last = '';
  let lastId = 0;
  for (;;) {
    const rows = await sql.all<ChainedRow & { hash: Uint8Array | null }>(
      `SELECT id, at, actor, action, target, before, after, hash FROM audit_event WHERE id > ? ORDER BY id LIMIT ${CHUNK}`,
      lastId,
    );
    for (const { hash, ...row } of rows) {
      lastId = row.id;
      if (hash === null && last === '') continue;
      const expected = hashOf(last, row);
      if (hash === null || !expected.equals(hash))
        return `event ${row.id} of the audit log, or what stood before it, is not what was written`;
      last = expected.toString('hex');
    }
    if (rows.length < CHUNK) break;
  }
  return last === head ? null : 'the newest events of the audit log are gone';
}
