/** What is pushed, as JSON, and its signature by Standard Webhooks. */
import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { z } from 'zod';
import { FEED_NAMES } from '#schema/push.ts';
import type { SubscriptionRow } from '#store/feed-subscription.ts';
import type { Entry } from './feed-format.ts';
import { FEED_EVENTS } from './feed-format.ts';
import { toNodeId } from './node-id.ts';
import { toInstant } from './scalars.ts';

/** The body of every message. Texts are what masters and people wrote: show them as text. */
export const PushMessage = z.strictObject({
  /** `feed.test`: somebody wanted to see that it arrives; it tells nothing. */
  type: z.enum(['feed.entries', 'feed.test']),
  /** When this try was made. */
  timestamp: z.iso.datetime(),
  data: z.strictObject({
    subscription: z.strictObject({
      /** As the API names it. */
      id: z.string(),
      feed: z.enum(FEED_NAMES),
      /** The filter, as in the feed's address. */
      query: z.string(),
      /** The page that shows the feed. */
      url: z.string(),
    }),
    /** The newest first; as they are when the message is sent. */
    entries: z.array(
      z.strictObject({
        event: z.enum(FEED_EVENTS),
        /** Of the thing, as the API names it. */
        id: z.string(),
        url: z.string(),
        title: z.string(),
        text: z.string(),
        /** When it happened, not when it was read. */
        happenedAt: z.iso.datetime(),
      }),
    ),
    /** False when more happened at once than is told: look at the page. */
    isWhole: z.boolean(),
  }),
});
export type PushMessage = z.infer<typeof PushMessage>;

const LONGEST_TEXT = 1000;
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 24;
const SECRET_BYTES = 32;
const SECRET_PREFIX = 'whsec_';

/** 142 bits by chance. */
export const newKey = (): string =>
  Array.from({ length: ID_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
export const newMessageId = (): string => `msg_${newKey()}`;
export const newPushSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');

export const nodeIdOf = ({ key }: Pick<SubscriptionRow, 'key'>): string => toNodeId('FeedSubscription', key);

const cut = (text: string) => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT).toWellFormed()}…` : text);

export function bodyOf(
  row: SubscriptionRow,
  message: { isTest: boolean; isWhole: boolean; entries: readonly Entry[] },
  now: number,
): string {
  const at = (path: string) => `${row.origin ?? ''}${path}`;
  const body: PushMessage = {
    type: message.isTest ? 'feed.test' : 'feed.entries',
    timestamp: toInstant(now),
    data: {
      subscription: {
        ...{ id: nodeIdOf(row), feed: row.feed, query: row.query },
        url: at(`/${row.feed}${row.query === '' ? '' : `?${row.query}`}`),
      },
      entries: message.entries.map(({ event, id, path, title, text, updatedAt }) => ({
        ...{ event, id, url: at(path), title: cut(title), text: cut(text), happenedAt: toInstant(updatedAt) },
      })),
      isWhole: message.isWhole,
    },
  };
  return JSON.stringify(body);
}

/**
 * The headers of Standard Webhooks 1.0. `now` in microseconds.
 * @see https://www.standardwebhooks.com/
 */
export function signed(
  secret: string,
  { id, body }: { id: string; body: string },
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1e6));
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
