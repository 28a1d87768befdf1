/** Access tokens: each acts for the account that made it, and for less where it says so. */
import type { Micros } from '#schema/records.ts';
import type { Scope, Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { isAdmin, ownAccountOf } from './visibility.ts';

export type TokenRow = {
  hash: Uint8Array;
  /** Of its owner. */
  login: string;
  name: string;
  /** How it begins. */
  hint: string;
  scopes: Scope[];
  /** Slugs; null: all that its owner sees. */
  sources: string[] | null;
  createdAt: Micros;
  expiresAt: Micros;
  usedAt: Micros | null;
  revokedAt: Micros | null;
};

export type NewToken = Pick<TokenRow, 'hash' | 'name' | 'hint' | 'scopes' | 'sources' | 'expiresAt'>;

type Stored = Omit<TokenRow, 'scopes' | 'sources'> & { scopes: string; sources: string | null };

const COLUMNS = `t.hash, a.login, t.name, t.hint, t.scopes, t.sources, t.created_at AS "createdAt", t.expires_at AS "expiresAt",
  t.used_at AS "usedAt", t.revoked_at AS "revokedAt"`;
const FROM = 'FROM api_token t JOIN account a ON a.id = t.account_id';

/** Tokens that an account may have which still count. */
export const MOST_TOKENS = 100;

const toRow = ({ scopes, sources, name, ...row }: Stored): TokenRow => ({
  ...row,
  name: fromStored(name),
  scopes: JSON.parse(scopes) as Scope[],
  sources: sources === null ? null : (JSON.parse(sources) as string[]),
});

/** In the order of a list: the newest first. */
export const tokenKey = ({ createdAt, hash }: TokenRow): string =>
  `${String(1e16 - createdAt).padStart(17, '0')}${Buffer.from(hash).toString('hex')}`;

/** One's own; for an admin who asks for them, everybody's. */
export async function listTokens(
  { sql }: Store,
  viewer: Viewer,
  page: PageRequest,
  ofAll = false,
): Promise<Page<TokenRow> & { count: number }> {
  const isOfAll = ofAll && isAdmin(viewer);
  const accountId = viewer.kind === 'person' ? (viewer.accountId ?? null) : null;
  const rows = (
    await sql.all<Stored>(
      `SELECT ${COLUMNS} ${FROM} ${isOfAll ? '' : 'WHERE t.account_id = ?'}`,
      ...(isOfAll ? [] : [accountId]),
    )
  ).map(toRow);
  rows.sort((a, b) => (tokenKey(a) < tokenKey(b) ? -1 : 1));
  return { ...pageOf(rows, tokenKey, page), count: rows.length };
}

/**
 * @throws Forbidden unless a person with an account asks, who has signed in.
 * @throws Conflict when there are too many.
 */
export async function createToken(store: Store, viewer: Viewer, token: NewToken, at: Micros): Promise<TokenRow> {
  const { accountId, login } = ownAccountOf(viewer);
  const { sql } = store;
  return await store.transaction(async () => {
    const alive = await sql.get<{ n: number }>(
      'SELECT count(*) AS n FROM api_token WHERE account_id = ? AND revoked_at IS NULL AND expires_at > ?',
      ...[accountId, at],
    );
    if (Number(alive?.n) >= MOST_TOKENS) throw new Conflict(`you have ${MOST_TOKENS} access tokens: revoke some first`);
    const { hash, name, hint, scopes, sources, expiresAt } = token;
    await sql.run(
      `INSERT INTO api_token (hash, account_id, name, hint, scopes, sources, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[
        hash,
        accountId,
        toStored(name),
        hint,
        JSON.stringify(scopes),
        sources && JSON.stringify(sources),
        at,
        expiresAt,
      ],
    );
    await recordEvent(sql, {
      ...{ at, actor: login, action: 'token.create', target: hint, before: null },
      after: { name, scopes, sources, expiresAt },
    });
    return { ...token, login, createdAt: at, usedAt: null, revokedAt: null };
  });
}

/**
 * Revokes one's own token; an admin anybody's. One that is revoked stays so.
 * @throws NotFound when there is none that one may revoke.
 */
export async function revokeToken(store: Store, viewer: Viewer, hash: Uint8Array, at: Micros): Promise<TokenRow> {
  const { accountId, login } = ownAccountOf(viewer);
  const { sql } = store;
  return await store.transaction(async () => {
    const row = await sql.get<Stored & { accountId: number }>(
      `SELECT ${COLUMNS}, t.account_id AS "accountId" ${FROM} WHERE t.hash = ?`,
      hash,
    );
    if (!row || (row.accountId !== accountId && !isAdmin(viewer))) throw new NotFound('there is no such access token');
    const { accountId: _, ...stored } = row;
    const token = toRow(stored);
    if (token.revokedAt !== null) return token;
    await sql.run('UPDATE api_token SET revoked_at = ? WHERE hash = ?', at, hash);
    await recordEvent(sql, {
      ...{ at, actor: login, action: 'token.revoke', target: token.hint },
      ...{ before: { name: token.name, login: token.login }, after: null },
    });
    return { ...token, revokedAt: at };
  });
}
