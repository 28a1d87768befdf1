/** Feeds that are pushed: whose, of what and where to. A person sees and changes his own; an admin sees and pauses all. */

import type { FeedName, PauseReason } from '#schema/push.ts';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import type { Sql, Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { isAdmin, ownAccountOf } from './visibility.ts';

export type SubscriptionRow = {
  key: string;
  accountId: number;
  /** Of its owner. */
  login: string;
  feed: FeedName;
  /** What follows "?" in the feed's address, keys in order. */
  query: string;
  /** Null: mail to its owner. */
  url: string | null;
  origin: string | null;
  /** Told once a day, at this hour of this zone; null: at once. */
  dailyHour: number | null;
  zone: string | null;
  createdAt: Micros;
  beganAt: Micros;
  pausedAt: Micros | null;
  pauseReason: PauseReason | null;
  failingSince: Micros | null;
};

export type NewSubscription = Pick<
  SubscriptionRow,
  'key' | 'feed' | 'query' | 'url' | 'origin' | 'dailyHour' | 'zone'
> & {
  /** The secret, sealed for `secretPlace`; null of mail. */
  sealed: Uint8Array | null;
  /** What is in the feed already. */
  known: readonly KnownEntry[];
};

export type KnownEntry = { entry: string; happenedAt: Micros };

/** That one account may have. */
export const MOST_SUBSCRIPTIONS = 50;

const COLUMNS = `s.key, s.account_id AS "accountId", a.login, s.feed, s.query, s.url, s.origin,
  s.daily_hour AS "dailyHour", s.zone, s.created_at AS "createdAt",
  s.began_at AS "beganAt", s.paused_at AS "pausedAt", s.pause_reason AS "pauseReason", s.failing_since AS "failingSince"`;
const FROM = 'FROM feed_subscription s JOIN account a ON a.id = s.account_id';

const toRow = ({ query, url, ...row }: SubscriptionRow): SubscriptionRow => ({
  ...row,
  query: fromStored(query),
  url: url === null ? null : fromStored(url),
});

/** In the order of a list: the newest first. */
export const subscriptionKey = ({ createdAt, key }: SubscriptionRow): string =>
  `${String(1e16 - createdAt).padStart(17, '0')}${key}`;

/** The secret of a subscription opens for no other, and for no other receiver. */
export const secretPlace = ({ key, url }: { key: string; url: string }): string => `push ${key} ${url}`;

/** Whose they are is shown to who has signed in: an access token may be for others than its owner, and for some sources. */
const accountIdOf = (viewer: Viewer) =>
  viewer.kind === 'person' && viewer.credential?.kind === 'session' ? (viewer.accountId ?? null) : null;

export const isOwnSubscription = (viewer: Viewer, { accountId }: Pick<SubscriptionRow, 'accountId'>): boolean =>
  accountIdOf(viewer) === accountId;

/** One's own, the newest first: no more than MOST_SUBSCRIPTIONS. */
export async function listOwnSubscriptions({ sql }: Store, viewer: Viewer): Promise<SubscriptionRow[]> {
  const rows = await sql.all<SubscriptionRow>(`SELECT ${COLUMNS} ${FROM} WHERE s.account_id = ?`, accountIdOf(viewer));
  return rows.map(toRow).sort((a, b) => (subscriptionKey(a) < subscriptionKey(b) ? -1 : 1));
}

/** Everybody's, the newest first. Null unless an admin asks. */
export async function listSubscriptions(
  { sql }: Store,
  viewer: Viewer,
  page: PageRequest,
): Promise<(Page<SubscriptionRow> & { count: number }) | null> {
  if (!isAdmin(viewer)) return null;
  const rows = (await sql.all<SubscriptionRow>(`SELECT ${COLUMNS} ${FROM}`)).map(toRow);
  rows.sort((a, b) => (subscriptionKey(a) < subscriptionKey(b) ? -1 : 1));
  return { ...pageOf(rows, subscriptionKey, page), count: rows.length };
}

/** Of all that are not paused: for who pushes them. */
export async function activeSubscriptions({ sql }: Pick<Store, 'sql'>): Promise<SubscriptionRow[]> {
  const rows = await sql.all<SubscriptionRow>(`SELECT ${COLUMNS} ${FROM} WHERE s.paused_at IS NULL ORDER BY s.key`);
  return rows.map(toRow);
}

/** One's own, or for an admin anybody's; null when there is none in sight. */
export async function getSubscription({ sql }: Store, viewer: Viewer, key: string): Promise<SubscriptionRow | null> {
  const row = await sql.get<SubscriptionRow>(`SELECT ${COLUMNS} ${FROM} WHERE s.key = ?`, key);
  return row && (row.accountId === accountIdOf(viewer) || isAdmin(viewer)) ? toRow(row) : null;
}

/** With its secret: for who sends. */
export async function sealedSubscription(
  { sql }: Pick<Store, 'sql'>,
  key: string,
): Promise<{ to: SubscriptionRow; secret: Uint8Array | null } | null> {
  const row = await sql.get<SubscriptionRow & { secret: Uint8Array | null }>(
    `SELECT ${COLUMNS}, s.secret ${FROM} WHERE s.key = ?`,
    key,
  );
  if (!row) return null;
  const { secret, ...to } = row;
  return { to: toRow(to), secret };
}

/** Of all subscriptions to webhooks. */
export async function listSealedWebhooks({
  sql,
}: Pick<Store, 'sql'>): Promise<{ key: string; url: string; secret: Uint8Array }[]> {
  const rows = await sql.all<{ key: string; url: string; secret: Uint8Array }>(
    'SELECT key, url, secret FROM feed_subscription WHERE url IS NOT NULL ORDER BY key',
  );
  return rows.map((row) => ({ ...row, url: fromStored(row.url) }));
}

const told = ({ feed, query, url }: Pick<SubscriptionRow, 'feed' | 'query' | 'url'>) => ({
  ...{ feed, query },
  // An address may hold what is nobody else's to know.
  to: url === null ? 'mail' : new URL(url).origin,
});

/**
 * What happens from now on is pushed.
 * @throws Forbidden unless a person with an account asks, who has signed in.
 * @throws Conflict when there are too many.
 */
export async function addSubscription(
  store: Store,
  viewer: Viewer,
  { key, feed, query, url, origin, dailyHour, zone, sealed, known }: NewSubscription,
  at: Micros,
): Promise<SubscriptionRow> {
  const { accountId, login } = ownAccountOf(viewer);
  const { sql } = store;
  return await store.transaction(
    async () => {
      const there = await sql.get<{ n: number }>(
        'SELECT count(*) AS n FROM feed_subscription WHERE account_id = ?',
        accountId,
      );
      if (Number(there?.n) >= MOST_SUBSCRIPTIONS)
        throw new Conflict(`you have ${MOST_SUBSCRIPTIONS} subscriptions: delete some first`);
      await sql.run(
        `INSERT INTO feed_subscription (key, account_id, feed, query, url, secret, origin, daily_hour, zone, created_at, began_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[
          key,
          accountId,
          feed,
          toStored(query),
          url === null ? null : toStored(url),
          sealed,
          origin,
          dailyHour,
          zone,
          at,
          at,
        ],
      );
      await know(sql, key, known);
      await recordEvent(sql, {
        ...{ at, actor: login, action: 'subscription.add', target: key, before: null },
        after: told({ feed, query, url }),
      });
      const times = { createdAt: at, beganAt: at, pausedAt: null, pauseReason: null, failingSince: null };
      return { key, accountId, login, feed, query, url, origin, dailyHour, zone, ...times };
    },
    { alone: true },
  );
}

async function know(sql: Sql, key: string, known: readonly KnownEntry[]): Promise<void> {
  for (const { entry, happenedAt } of known)
    await sql.run(
      'INSERT INTO told_entry (subscription, entry, happened_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      ...[key, toStored(entry), happenedAt],
    );
}

/** @throws NotFound when it is neither one's own nor an admin asks. */
async function changeable(store: Store, viewer: Viewer, key: string): Promise<SubscriptionRow> {
  const row = await getSubscription(store, viewer, key);
  if (!row) throw new NotFound('there is no such subscription');
  return row;
}

/**
 * Stops pushing; what waits to be sent is dropped. An admin may stop anybody's.
 * @throws NotFound when there is none that one may stop.
 */
export async function pauseSubscription(
  store: Store,
  viewer: Viewer,
  key: string,
  at: Micros,
): Promise<SubscriptionRow> {
  const { accountId, login } = ownAccountOf(viewer);
  return await store.transaction(async () => {
    const row = await changeable(store, viewer, key);
    if (row.pausedAt !== null) return row;
    const reason = row.accountId === accountId ? 'owner' : 'admin';
    await stop(store.sql, row, reason, at);
    const event = { at, actor: login, action: 'subscription.pause', target: key };
    await recordEvent(store.sql, { ...event, before: told(row), after: { ...told(row), paused: reason } });
    return { ...row, pausedAt: at, pauseReason: reason };
  });
}

/** Call inside a transaction. False where it is stopped already, or not there. */
export async function stop(
  sql: Sql,
  { key }: Pick<SubscriptionRow, 'key'>,
  reason: PauseReason,
  at: Micros,
): Promise<boolean> {
  const stopped = await sql.get(
    'UPDATE feed_subscription SET paused_at = ?, pause_reason = ? WHERE key = ? AND paused_at IS NULL RETURNING key',
    ...[at, reason, key],
  );
  await sql.run(
    `UPDATE delivery SET state = 'dropped', due_at = NULL WHERE subscription = ? AND state = 'waiting'`,
    key,
  );
  return stopped !== undefined;
}

/**
 * Goes on with one's own from now: what happened meanwhile is not told.
 * @throws NotFound when one has none such.
 * @throws Conflict when an admin stopped it.
 */
export async function resumeSubscription(
  store: Store,
  viewer: Viewer,
  { key, known }: { key: string; known: readonly KnownEntry[] },
  at: Micros,
): Promise<SubscriptionRow> {
  const { accountId, login } = ownAccountOf(viewer);
  const { sql } = store;
  return await store.transaction(async () => {
    const row = await changeable(store, viewer, key);
    if (row.accountId !== accountId) throw new NotFound('there is no such subscription of yours');
    if (row.pausedAt === null) return row;
    if (row.pauseReason === 'admin' && !isAdmin(viewer))
      throw new Conflict('an admin has paused this subscription: ask why');
    await sql.run(
      `UPDATE feed_subscription SET paused_at = NULL, pause_reason = NULL, failing_since = NULL, began_at = ? WHERE key = ?`,
      ...[at, key],
    );
    await know(sql, key, known);
    const event = { at, actor: login, action: 'subscription.resume', target: key };
    await recordEvent(sql, { ...event, before: { ...told(row), paused: row.pauseReason }, after: told(row) });
    return { ...row, beganAt: at, pausedAt: null, pauseReason: null, failingSince: null };
  });
}

/**
 * Deletes one's own with what was sent by it.
 * @throws NotFound when one has none such.
 */
export async function deleteSubscription(store: Store, viewer: Viewer, key: string, at: Micros): Promise<void> {
  const { accountId, login } = ownAccountOf(viewer);
  const { sql } = store;
  await store.transaction(async () => {
    const row = await changeable(store, viewer, key);
    if (row.accountId !== accountId) throw new NotFound('there is no such subscription of yours');
    await sql.run('DELETE FROM feed_subscription WHERE key = ?', key);
    for (const table of ['delivery', 'told_entry']) await sql.run(`DELETE FROM ${table} WHERE subscription = ?`, key);
    await recordEvent(sql, {
      ...{ at, actor: login, action: 'subscription.delete', target: key },
      ...{ before: told(row), after: null },
    });
  });
}
