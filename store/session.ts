/** Browsers that are signed in. A person sees and ends his own sessions. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { NotFound } from './error.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { ownAccountOf } from './visibility.ts';

export type SessionRow = {
  hash: Uint8Array;
  /** What the browser calls itself. */
  agent: string | null;
  createdAt: Micros;
  usedAt: Micros;
  expiresAt: Micros;
};

/** A person shows no more than this of them. */
const MOST = 200;

/** `vouched`: who vouches for it, and what he is asked by, sealed. */
export async function startSession(
  store: Store,
  session: {
    hash: Uint8Array;
    accountId: number;
    login: string;
    agent: string | null;
    expiresAt: Micros;
    vouched?: { issuer: string; sealed: Uint8Array };
  },
  at: Micros,
): Promise<void> {
  const { sql } = store;
  const { hash, accountId, login, agent, expiresAt, vouched } = session;
  await store.transaction(async () => {
    await sql.run('DELETE FROM session WHERE expires_at <= ?', at);
    await sql.run(
      `INSERT INTO session (hash, account_id, agent, created_at, used_at, expires_at, refresh, checked_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[hash, accountId, agent && toStored(agent), at, at, expiresAt],
      ...[vouched?.sealed ?? null, vouched ? at : null],
    );
    await sql.run('UPDATE account SET signed_in_at = ? WHERE id = ?', at, accountId);
    const after = vouched ? { issuer: vouched.issuer } : null;
    await recordEvent(sql, { at, actor: login, action: 'session.start', target: login, before: null, after });
  });
}

/** By what the browser shows: whoever shows it may end it. */
export async function endSession(store: Store, hash: Uint8Array): Promise<void> {
  await store.transaction(() => store.sql.run('DELETE FROM session WHERE hash = ?', hash));
}

/** One's own, the newest use first. */
export async function listSessions(store: Store, viewer: Viewer, now: Micros): Promise<SessionRow[]> {
  if (viewer.kind !== 'person' || viewer.accountId === undefined) return [];
  const rows = await store.sql.all<SessionRow>(
    `SELECT hash, agent, created_at AS "createdAt", used_at AS "usedAt", expires_at AS "expiresAt"
     FROM session WHERE account_id = ? AND expires_at > ? ORDER BY used_at DESC, hash LIMIT ${MOST}`,
    ...[viewer.accountId, now],
  );
  return rows.map(({ agent, ...row }) => ({ ...row, agent: agent === null ? null : fromStored(agent) }));
}

/**
 * Ends one's own session elsewhere.
 * @throws NotFound when one has no such session.
 */
export async function endOwnSession(store: Store, viewer: Viewer, hash: Uint8Array, at: Micros): Promise<void> {
  const { accountId, login } = ownAccountOf(viewer);
  const { sql } = store;
  await store.transaction(async () => {
    const there = await sql.get(
      'DELETE FROM session WHERE hash = ? AND account_id = ? RETURNING 1 AS one',
      hash,
      accountId,
    );
    if (!there) throw new NotFound('you have no such session');
    await recordEvent(sql, { at, actor: login, action: 'session.end', target: login, before: null, after: null });
  });
}
