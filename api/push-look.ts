/** Looks at the feeds that somebody subscribed to, and makes a message of what has happened since. */

import type { Person, Viewer } from '#schema/viewer.ts';
import { personOf } from '#store/account.ts';
import { KEPT, knownEntries, stopSubscription, writeNews } from '#store/delivery.ts';
import { activeSubscriptions, type KnownEntry, type SubscriptionRow } from '#store/feed-subscription.ts';
import type { Store } from '#store/store.ts';
import { FEEDS, type Given } from './feed-entries.ts';
import type { Entry } from './feed-format.ts';
import { nextDaily } from './next-daily.ts';
import { newMessageId } from './push-message.ts';

export type Push = {
  /** For reading feeds. */
  store: Store;
  /** For writing, which waits for nobody. */
  open(): Promise<Store>;
  /** Microseconds. */
  now: () => number;
};

/** Entries of one look: when all are news, there may be more. */
const MOST_NEWS = 100;
/** What is told late, because a lab was behind, is told; what is older than this when one subscribes is the past. */
const LATE = 86_400_000_000;

/** As `request.query` has it. */
export function givenOf(query: string): Given {
  const params = new URLSearchParams(query);
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}

/** What an entry tells: a thing, and what happened to it. */
export const entryKey = ({ event, id }: Pick<Entry, 'event' | 'id'>): string => `${event} ${id}`;

export async function readFeed(
  { store, now }: Pick<Push, 'store' | 'now'>,
  viewer: Viewer,
  { feed, query }: Pick<SubscriptionRow, 'feed' | 'query'>,
  newest: number,
): Promise<Entry[]> {
  return (await FEEDS[feed]({ store, viewer, now, newest }, givenOf(query))).entries;
}

/** What is in a feed already when somebody subscribes. @throws InvalidInput when the query is none of the feed. */
export async function entriesNow(
  push: Pick<Push, 'store' | 'now'>,
  viewer: Viewer,
  of: Pick<SubscriptionRow, 'feed' | 'query'>,
): Promise<KnownEntry[]> {
  const entries = await readFeed(push, viewer, of, MOST_NEWS);
  return entries.map((entry) => ({ entry: entryKey(entry), happenedAt: entry.updatedAt }));
}

/** At once, or with all else of the day. */
const dueOf = ({ dailyHour, zone }: SubscriptionRow, now: number) =>
  dailyHour === null || zone === null ? now : nextDaily(now, { hour: dailyHour, zone });

/** Looks at all that are not paused, at each feed once for all who see the same. Gives how many messages it made. */
export async function lookAtFeeds(push: Push, onProblem: (key: string, cause: unknown) => void): Promise<number> {
  const { store, now } = push;
  const read = new Map<string, Promise<Entry[]>>();
  const entriesOf = (row: SubscriptionRow, owner: Person) => {
    const seen = JSON.stringify([row.feed, row.query, owner.role, [...owner.teams].sort()]);
    const reading = read.get(seen) ?? readFeed(push, owner, row, MOST_NEWS);
    read.set(seen, reading);
    return reading;
  };
  let made = 0;
  for (const row of await activeSubscriptions(store)) {
    try {
      const owner = await personOf(store, row.accountId);
      if (!owner) {
        await stopSubscription(await push.open(), row.key, { reason: 'account', actor: 'Basalt' }, now());
        continue;
      }
      const oldest = Math.max(row.beganAt - LATE, now() - KEPT);
      const known = await knownEntries(store, row.key);
      const entries = await entriesOf(row, owner);
      const news = entries.filter((entry) => entry.updatedAt > oldest && !known.has(entryKey(entry)));
      if (news.length === 0) continue;
      const message = {
        id: newMessageId(),
        entries: news.map((entry) => ({ entry: entryKey(entry), happenedAt: entry.updatedAt })),
        isWhole: news.length < MOST_NEWS,
        dueAt: dueOf(row, now()),
      };
      if (await writeNews(await push.open(), row, message, now())) made += 1;
    } catch (cause) {
      // Others hear of theirs; what is wrong here is found again at the next look.
      onProblem(row.key, cause);
    }
  }
  return made;
}
