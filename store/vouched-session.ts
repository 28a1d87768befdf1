/** Sessions that a provider vouches for: what it is asked by, sealed, and when it last was. */
import type { Micros } from '#schema/records.ts';
import type { Credential } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import type { Sql, Store } from './store.ts';
import { fromStored, toStored } from './text.ts';

/** What a seal of a session opens for. */
export const vouchedPlace = (issuer: string, hash: Uint8Array): string =>
  `session ${Buffer.from(hash).toString('hex')} of ${issuer}`;

export type VouchedSession = {
  hash: Uint8Array;
  accountId: number;
  login: string;
  subject: string;
  sealed: Uint8Array;
  checkedAt: Micros;
};

/** Of one person so many are asked about for an access token, or while he is away. */
const MOST = 5;

const COLUMNS = `s.hash, s.account_id AS "accountId", a.login, a.subject, s.refresh AS sealed, s.checked_at AS "checkedAt"
  FROM session s JOIN account a ON a.id = s.account_id`;
const HOLDS = 'a.issuer = ? AND a.disabled_at IS NULL AND s.expires_at > ? AND s.refresh IS NOT NULL';

const toSession = ({ subject, ...row }: VouchedSession): VouchedSession => ({ ...row, subject: fromStored(subject) });

/** The session that is shown; of an access token those of whoever it acts for, the one asked about last first. */
export async function vouchedSessions(
  { sql }: Pick<Store, 'sql'>,
  { kind, id }: Credential,
  issuer: string,
  now: Micros,
): Promise<VouchedSession[]> {
  const hash = Buffer.from(id, 'hex');
  const rows =
    kind === 'session'
      ? await sql.all<VouchedSession>(`SELECT ${COLUMNS} WHERE s.hash = ? AND ${HOLDS}`, hash, toStored(issuer), now)
      : await sql.all<VouchedSession>(
          `SELECT ${COLUMNS} JOIN api_token t ON t.account_id = a.id
           WHERE t.hash = ? AND t.revoked_at IS NULL AND t.expires_at > ? AND ${HOLDS}
           ORDER BY s.checked_at DESC LIMIT ${MOST}`,
          ...[hash, now, toStored(issuer), now],
        );
  return rows.map(toSession);
}

/** Of an account, the one asked about last first. */
export async function vouchedSessionsOf(
  { sql }: Pick<Store, 'sql'>,
  accountId: number,
  issuer: string,
  now: Micros,
): Promise<VouchedSession[]> {
  const rows = await sql.all<VouchedSession>(
    `SELECT ${COLUMNS} WHERE s.account_id = ? AND ${HOLDS} ORDER BY s.checked_at DESC LIMIT ${MOST}`,
    ...[accountId, toStored(issuer), now],
  );
  return rows.map(toSession);
}

/**
 * Puts another seal in the place of the one that was read; false when somebody else was quicker: a seal is made anew each
 * time, so that two are never the same. Whoever was quickest has the turn to ask.
 */
export async function takeTurn(
  store: Store,
  { hash, sealed }: Pick<VouchedSession, 'hash' | 'sealed'>,
  mine: Uint8Array,
): Promise<boolean> {
  return await store.transaction(async () => {
    const text = 'UPDATE session SET refresh = ? WHERE hash = ? AND refresh = ? RETURNING 1 AS one';
    return (await store.sql.get(text, mine, hash, sealed)) !== undefined;
  });
}

/** What to ask by from now on, of whoever has the turn; with `checkedAt` the provider has vouched for it. */
export async function keepSeal(
  store: Store,
  hash: Uint8Array,
  sealed: Uint8Array,
  checkedAt: Micros | null,
): Promise<void> {
  const text = 'UPDATE session SET refresh = ?, checked_at = COALESCE(?, checked_at) WHERE hash = ?';
  await store.transaction(() => store.sql.run(text, sealed, checkedAt, hash));
}

/** Ends a session that nobody vouches for any more; `everywhere`, all of its account. */
export async function endVouched(
  store: Store,
  { hash, accountId, login }: Pick<VouchedSession, 'hash' | 'accountId' | 'login'>,
  { because, issuer, everywhere }: { because: string; issuer: string; everywhere: boolean },
  at: Micros,
): Promise<void> {
  const { sql } = store;
  await store.transaction(async () => {
    const gone = await sql.all(
      `DELETE FROM session WHERE ${everywhere ? 'account_id' : 'hash'} = ? RETURNING 1 AS one`,
      everywhere ? accountId : hash,
    );
    if (gone.length > 0) await record(sql, { at, issuer, login, because });
  });
}

/** Everybody's, for a new key. */
export async function listVouchedSeals({
  sql,
}: Pick<Store, 'sql'>): Promise<{ hash: Uint8Array; login: string; issuer: string; sealed: Uint8Array }[]> {
  const rows = await sql.all<{ hash: Uint8Array; login: string; issuer: string; sealed: Uint8Array }>(
    `SELECT s.hash, a.login, a.issuer, s.refresh AS sealed FROM session s JOIN account a ON a.id = s.account_id
     WHERE s.refresh IS NOT NULL AND a.issuer IS NOT NULL ORDER BY s.created_at`,
  );
  return rows.map(({ issuer, ...row }) => ({ ...row, issuer: fromStored(issuer) }));
}

/** How a session is asked for its logout at the provider; null of one that no provider vouches for. */
export async function sealOf(
  { sql }: Pick<Store, 'sql'>,
  hash: Uint8Array,
  issuer: string,
): Promise<Uint8Array | null> {
  const row = await sql.get<{ sealed: Uint8Array | null }>(
    `SELECT s.refresh AS sealed FROM session s JOIN account a ON a.id = s.account_id WHERE s.hash = ? AND a.issuer = ?`,
    ...[hash, toStored(issuer)],
  );
  return row?.sealed ?? null;
}

async function record(sql: Sql, event: { at: Micros; issuer: string; login: string; because: string }): Promise<void> {
  const { at, issuer, login, because } = event;
  await recordEvent(sql, {
    ...{ at, actor: issuer, action: 'session.end', target: login, before: null, after: { because } },
  });
}
