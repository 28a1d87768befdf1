/** The tables of feeds that are pushed: who subscribed to what, what each has been told, and what is still to be sent. */
import type { Kit } from './kit.sqlite.ts';
import type { DeliveryState, DeliveryTry, FeedName, PauseReason } from './push.ts';

export function defineNotifyTables({ table, index, primaryKey, int, small, flag, micros, text, bytes, json }: Kit) {
  const feedSubscription = table(
    'feed_subscription',
    {
      /** Letters and digits by chance. */
      key: text().primaryKey(),
      accountId: int().notNull(),
      feed: text().$type<FeedName>().notNull(),
      /** What follows "?" in the feed's address, keys in order. */
      query: text().notNull(),
      /** Where messages are posted; null: they are mailed to its owner. */
      url: text(),
      /** By which they are signed, sealed; null of mail. */
      secret: bytes(),
      /** What addresses in messages begin with; null: nothing. */
      origin: text(),
      /** Told once a day, at this hour of this zone of the IANA database; null: at once. */
      dailyHour: small(),
      zone: text(),
      createdAt: micros().notNull(),
      /** From when on things are told: it was made, or went on after a pause. */
      beganAt: micros().notNull(),
      pausedAt: micros(),
      pauseReason: text().$type<PauseReason>(),
      /** The first of the tries that failed since one did not. */
      failingSince: micros(),
    },
    (t) => [index('feed_subscription_account').on(t.accountId)],
  );

  /** An entry of a feed that a subscription knows of: nothing is told twice. */
  const toldEntry = table(
    'told_entry',
    {
      subscription: text().notNull(),
      entry: text().notNull(),
      happenedAt: micros().notNull(),
      /** The message that tells it; null: it was there before. */
      delivery: text(),
    },
    (t) => [primaryKey({ columns: [t.subscription, t.entry] })],
  );

  /** Where mail for an account goes: an admin says it. */
  const mailAddress = table('mail_address', {
    accountId: int().primaryKey(),
    address: text().notNull(),
  });

  /** A message to one subscriber. */
  const delivery = table(
    'delivery',
    {
      /** "msg_" and letters and digits by chance: the same at every try. */
      id: text().primaryKey(),
      subscription: text().notNull(),
      /** It tells nothing: somebody wanted to see that it arrives. */
      isTest: flag().notNull(),
      /** False where more happened at once than one look sees. */
      isWhole: flag().notNull(),
      madeAt: micros().notNull(),
      /** When it is tried next; null: not any more. */
      dueAt: micros(),
      state: text().$type<DeliveryState>().notNull(),
      /** Since it was made, or sent once more by hand. */
      tryCount: small().notNull(),
      /** The newest, in order. */
      tries: json<DeliveryTry[]>().notNull(),
    },
    (t) => [index('delivery_due').on(t.dueAt), index('delivery_subscription').on(t.subscription, t.madeAt)],
  );
  return { feedSubscription, mailAddress, toldEntry, delivery };
}
