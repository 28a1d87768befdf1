/**
 * Messages of subscriptions: made in one transaction with the note of what they tell, so that nothing is told twice or
 * lost, and claimed by whoever sends them, for a while: a message whose sender died is sent by another, with the same id.
 */

import type { DeliveryState, DeliveryTry, PauseReason } from '#schema/push.ts';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import {
  getSubscription,
  type KnownEntry,
  type SubscriptionRow,
  sealedSubscription,
  stop,
} from './feed-subscription.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { ownAccountOf } from './visibility.ts';

export type DeliveryRow = {
  id: string;
  subscription: string;
  isTest: boolean;
  isWhole: boolean;
  madeAt: Micros;
  dueAt: Micros | null;
  state: DeliveryState;
  tryCount: number;
  tries: DeliveryTry[];
};

type Stored = Omit<DeliveryRow, 'tries' | 'isTest' | 'isWhole'> & { tries: string; isTest: number; isWhole: number };

/** Longer than a try takes. */
export const CLAIM: Micros = 120_000_000;
/** How long it is known what was told, and shown what was sent. */
export const KEPT: Micros = 30 * 86_400_000_000;
const MOST_TRIES = 20;
const MOST_SHOWN = 100;
/** Sent at once, one of a subscription. */
const AT_ONCE = 20;

const COLUMNS = `d.id, d.subscription, d.is_test AS "isTest", d.is_whole AS "isWhole", d.made_at AS "madeAt",
  d.due_at AS "dueAt", d.state, d.try_count AS "tryCount", d.tries`;

const toRow = ({ tries, isTest, isWhole, ...row }: Stored): DeliveryRow => ({
  ...row,
  isTest: Boolean(isTest),
  isWhole: Boolean(isWhole),
  tryCount: Number(row.tryCount),
  tries: JSON.parse(fromStored(tries)) as DeliveryTry[],
});

/** Entries that the subscription knows of. */
export async function knownEntries({ sql }: Pick<Store, 'sql'>, key: string): Promise<Set<string>> {
  const rows = await sql.all<{ entry: string }>('SELECT entry FROM told_entry WHERE subscription = ?', key);
  return new Set(rows.map(({ entry }) => fromStored(entry)));
}

/**
 * Makes a message of what of the entries nobody has told yet, or adds it to the one that waits for the same instant; none
 * when there is nothing, or the subscription was paused or begun anew meanwhile. What is older than is kept goes.
 */
export async function writeNews(
  store: Store,
  { key, beganAt }: Pick<SubscriptionRow, 'key' | 'beganAt'>,
  news: { id: string; entries: readonly KnownEntry[]; isWhole: boolean; dueAt: Micros },
  at: Micros,
): Promise<boolean> {
  const { sql } = store;
  return await store.transaction(async () => {
    // Locks the row: whoever deletes or pauses it waits, or was first.
    const active = await sql.get(
      'UPDATE feed_subscription SET began_at = began_at WHERE key = ? AND began_at = ? AND paused_at IS NULL RETURNING key',
      ...[key, beganAt],
    );
    if (!active) return false;
    // Locks that row, too: whoever claims it reads what it tells afterwards.
    const waiting = await sql.get<{ id: string }>(
      `UPDATE delivery SET is_whole = CASE WHEN ? = 1 THEN is_whole ELSE 0 END WHERE subscription = ? AND due_at = ?
       AND due_at > ? AND try_count = 0 AND is_test = 0 AND state = 'waiting' RETURNING id`,
      ...[news.isWhole ? 1 : 0, key, news.dueAt, at],
    );
    const id = waiting?.id ?? news.id;
    let told = 0;
    for (const { entry, happenedAt } of news.entries) {
      const fresh = await sql.get(
        `INSERT INTO told_entry (subscription, entry, happened_at, delivery) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING RETURNING entry`,
        ...[key, toStored(entry), happenedAt, id],
      );
      if (fresh) told += 1;
    }
    if (told === 0) return false;
    if (!waiting) await insert(store, { id, key, isTest: false, isWhole: news.isWhole, dueAt: news.dueAt }, at);
    // An entry as old is not told, known or not: see api/push-look.ts.
    await sql.run('DELETE FROM told_entry WHERE subscription = ? AND happened_at < ?', key, at - KEPT);
    await forgetOld(store, key, at);
    return true;
  });
}

async function forgetOld({ sql }: Store, key: string, at: Micros): Promise<void> {
  await sql.run('DELETE FROM delivery WHERE subscription = ? AND made_at < ? AND due_at IS NULL', key, at - KEPT);
}

async function insert(
  { sql }: Store,
  { id, key, isTest, isWhole, dueAt }: { id: string; key: string; isTest: boolean; isWhole: boolean; dueAt: Micros },
  at: Micros,
): Promise<void> {
  await sql.run(
    `INSERT INTO delivery (id, subscription, is_test, is_whole, made_at, due_at, state, try_count, tries)
     VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, '[]')`,
    ...[id, key, isTest ? 1 : 0, isWhole ? 1 : 0, at, dueAt],
  );
}

/**
 * A message that tells nothing, to see that it arrives.
 * @throws NotFound when one has no such subscription.
 * @throws Conflict when it is paused, or a test waits.
 */
export async function addTest(
  store: Store,
  viewer: Viewer,
  { key, id }: { key: string; id: string },
  at: Micros,
): Promise<DeliveryRow> {
  return await store.transaction(async () => {
    await ownActive(store, viewer, key);
    const waits = await store.sql.get(
      `SELECT 1 AS one FROM delivery WHERE subscription = ? AND is_test = 1 AND state = 'waiting'`,
      key,
    );
    if (waits) throw new Conflict('a test waits to be sent');
    await forgetOld(store, key, at);
    await insert(store, { id, key, isTest: true, isWhole: true, dueAt: at }, at);
    const state = 'waiting' as const;
    return { id, subscription: key, isTest: true, isWhole: true, madeAt: at, dueAt: at, state, tryCount: 0, tries: [] };
  });
}

/**
 * Sends once more what was sent, given up or dropped, as it is in sight then.
 * @throws NotFound when one has no such message.
 * @throws Conflict when its subscription is paused, or it waits to be sent.
 */
export async function redeliver(store: Store, viewer: Viewer, id: string, at: Micros): Promise<DeliveryRow> {
  const { login } = ownAccountOf(viewer);
  const { sql } = store;
  return await store.transaction(async () => {
    const found = await sql.get<Stored>(`SELECT ${COLUMNS} FROM delivery d WHERE d.id = ?`, id);
    const row = found ? toRow(found) : null;
    if (!row) throw new NotFound('there is no such message');
    await ownActive(store, viewer, row.subscription);
    if (row.state === 'waiting') throw new Conflict('it waits to be sent');
    await sql.run(`UPDATE delivery SET state = 'waiting', due_at = ?, try_count = 0 WHERE id = ?`, at, id);
    await recordEvent(sql, {
      ...{ at, actor: login, action: 'subscription.redeliver', target: row.subscription },
      ...{ before: { state: row.state }, after: { message: id } },
    });
    return { ...row, state: 'waiting', dueAt: at, tryCount: 0 };
  });
}

async function ownActive(store: Store, viewer: Viewer, key: string): Promise<SubscriptionRow> {
  const { accountId } = ownAccountOf(viewer);
  const row = await getSubscription(store, viewer, key);
  if (row?.accountId !== accountId) throw new NotFound('there is no such subscription of yours');
  if (row.pausedAt !== null) throw new Conflict('the subscription is paused: let it go on first');
  return row;
}

/** The newest of each of the subscriptions, which are in the viewer's sight. By key. */
export async function listDeliveries({ sql }: Store, keys: readonly string[]): Promise<Map<string, DeliveryRow[]>> {
  if (keys.length === 0) return new Map();
  const rows = await sql.all<Stored>(
    `SELECT ${COLUMNS} FROM (SELECT d.*, row_number() OVER (PARTITION BY d.subscription ORDER BY d.made_at DESC, d.id) AS place
       FROM delivery d WHERE d.subscription IN (${keys.map(() => '?').join(', ')})) d
     WHERE d.place <= ${MOST_SHOWN} ORDER BY d.made_at DESC, d.id`,
    ...keys,
  );
  return Map.groupBy(rows.map(toRow), ({ subscription }) => subscription);
}

export type Claimed = DeliveryRow & {
  claimedUntil: Micros;
  /** Sealed; null of mail. */
  secret: Uint8Array | null;
  entries: string[];
  to: SubscriptionRow;
};

/** What is due, the oldest of each subscription; it is whoever asks' for CLAIM. */
export async function claimDue(store: Store, now: Micros): Promise<Claimed[]> {
  const { sql } = store;
  const isDue = await sql.get('SELECT 1 AS one FROM delivery WHERE due_at <= ? LIMIT 1', now);
  if (!isDue) return [];
  return await store.transaction(async () => {
    const due = await sql.all<Stored>(
      `SELECT ${COLUMNS} FROM delivery d JOIN feed_subscription s ON s.key = d.subscription
       WHERE d.due_at <= ? AND s.paused_at IS NULL AND NOT EXISTS (SELECT 1 FROM delivery o
         WHERE o.subscription = d.subscription AND o.due_at <= ? AND (o.due_at, o.id) < (d.due_at, d.id))
       ORDER BY d.due_at, d.id LIMIT ${AT_ONCE}`,
      ...[now, now],
    );
    const claimed: Claimed[] = [];
    for (const stored of due) {
      const claimedUntil = now + CLAIM;
      const mine = await sql.get(
        'UPDATE delivery SET due_at = ?, try_count = try_count + 1 WHERE id = ? AND due_at = ? RETURNING id',
        ...[claimedUntil, stored.id, stored.dueAt],
      );
      const to = mine ? await sealedSubscription(store, stored.subscription) : null;
      if (!to) continue;
      const entries = await sql.all<{ entry: string }>(
        'SELECT entry FROM told_entry WHERE subscription = ? AND delivery = ?',
        ...[stored.subscription, stored.id],
      );
      const row = toRow(stored);
      claimed.push({
        ...{ ...row, ...to, tryCount: row.tryCount + 1, claimedUntil },
        entries: entries.map(({ entry }) => fromStored(entry)),
      });
    }
    return claimed;
  });
}

export type Outcome = {
  state: DeliveryState;
  /** When it is tried again. */
  dueAt: Micros | null;
  /** Null when it was not tried. */
  made: DeliveryTry | null;
  /** Why the subscription is paused by it. */
  pause: PauseReason | null;
};

/** How it went. Nothing where somebody else has it by now. */
export async function finishDelivery(
  store: Store,
  { id, subscription, tries, claimedUntil }: Claimed,
  { state, dueAt, made, pause }: Outcome,
  at: Micros,
): Promise<void> {
  const { sql } = store;
  await store.transaction(async () => {
    const kept = [...tries, ...(made ? [made] : [])].slice(-MOST_TRIES);
    const mine = await sql.get(
      'UPDATE delivery SET state = ?, due_at = ?, tries = ? WHERE id = ? AND due_at = ? RETURNING id',
      ...[state, dueAt, toStored(JSON.stringify(kept)), id, claimedUntil],
    );
    if (!mine) return;
    if (made && state === 'delivered')
      await sql.run('UPDATE feed_subscription SET failing_since = NULL WHERE key = ?', subscription);
    else if (made)
      await sql.run(
        'UPDATE feed_subscription SET failing_since = COALESCE(failing_since, ?) WHERE key = ?',
        ...[at, subscription],
      );
    if (!pause) return;
    await stop(sql, { key: subscription }, pause, at);
    await recordEvent(sql, {
      ...{ at, actor: 'Basalt', action: 'subscription.pause', target: subscription },
      ...{ before: null, after: { paused: pause } },
    });
  });
}

/** Stops one that nobody who has signed in stops; nothing where it is stopped, or not there. */
export async function stopSubscription(
  store: Store,
  key: string,
  { reason, actor }: { reason: PauseReason; actor: string },
  at: Micros,
): Promise<void> {
  await store.transaction(async () => {
    if (!(await stop(store.sql, { key }, reason, at))) return;
    await recordEvent(store.sql, {
      ...{ at, actor, action: 'subscription.pause', target: key },
      ...{ before: null, after: { paused: reason } },
    });
  });
}
