/** Answers that are asked for again and again and may be kept a while: badges and feeds. */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { ANONYMOUS } from '#schema/viewer.ts';

/** As long as browsers, proxies and this server keep what a visitor sees. */
export const KEPT_SECONDS = 60;
const MAX_KEPT = 500;

export type Answer = {
  type: string;
  body: string;
  /** Microseconds; null where it has none. */
  changedAt: number | null;
};

/** Answers 304 where whoever asks has it already. Elsewhere it may be shown too: it is an image, or a file for a reader. */
export function sendKeepable(request: FastifyRequest, reply: FastifyReply, { type, body, changedAt }: Answer) {
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  reply
    .header('cache-control', `${request.viewer === ANONYMOUS ? 'public' : 'private'}, max-age=${KEPT_SECONDS}`)
    .header('cross-origin-resource-policy', 'cross-origin')
    .header('etag', tag);
  const seconds = changedAt === null ? null : Math.floor(changedAt / 1_000_000);
  if (seconds !== null) reply.header('last-modified', new Date(seconds * 1000).toUTCString());
  if (isKnown(request.headers, tag, seconds)) return reply.code(304).send();
  return reply.type(type).send(body);
}

/** A date counts where no tag is told. */
function isKnown(headers: FastifyRequest['headers'], tag: string, seconds: number | null): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) return tags.split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')));
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return seconds !== null && since / 1000 >= seconds;
}

export type Keeper = (request: FastifyRequest, key: string, read: () => Promise<Answer>) => Promise<Answer>;

/** What visitors ask for is read once in a while, however many ask; whoever shows a token is told what is so now. */
export function createKeeper(): Keeper {
  const kept = new LRUCache<string, Answer, () => Promise<Answer>>({
    max: MAX_KEPT,
    ttl: KEPT_SECONDS * 1000,
    fetchMethod: (_key, _stale, { context }) => context(),
  });
  return async ({ viewer }, key, read) => {
    if (viewer !== ANONYMOUS) return read();
    return (await kept.fetch(key, { context: read })) ?? read();
  };
}
