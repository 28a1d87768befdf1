/** What is new, for feed readers: `GET /feed/builds.atom`, `/feed/failures.atom`, `/feed/regressions.atom`; `.json` too. */
import type { FastifyInstance } from 'fastify';
import { InvalidInput } from '#store/error.ts';
import { coverageOf, isComplete } from './coverage.ts';
import { FEEDS, type FeedContext, type Found } from './feed-entries.ts';
import { atom, changedAtOf, jsonFeed } from './feed-format.ts';
import { createKeeper, sendKeepable } from './keepable.ts';
import { originOf } from './public-origin.ts';

const FORMATS = {
  atom: { type: 'application/atom+xml; charset=utf-8', write: atom },
  json: { type: 'application/feed+json; charset=utf-8', write: jsonFeed },
} as const;

export function addFeeds(app: FastifyInstance, options: Omit<FeedContext, 'viewer'>): void {
  const keep = createKeeper();
  for (const [name, find] of Object.entries(FEEDS)) {
    for (const [ending, { type, write }] of Object.entries(FORMATS)) {
      app.get<{ Querystring: Record<string, unknown> }>(`/feed/${name}.${ending}`, async (request, reply) => {
        const origin = originOf(request);
        try {
          const answer = await keep(request, `${origin}${request.url}`, async () => {
            const context = { ...options, viewer: request.viewer };
            const { title, scope, entries } = await find(context, request.query);
            const query = request.url.replace(/^[^?]*/, '');
            const note = await noteOf(context, scope);
            const feed = { title, note, page: `/${name}${query}`, self: `/feed/${name}.${ending}${query}`, entries };
            return { type, body: write(feed, origin), changedAt: changedAtOf(feed) };
          });
          return sendKeepable(request, reply, answer);
        } catch (cause) {
          if (!(cause instanceof InvalidInput)) throw cause;
          return reply.code(400).send({ errors: [{ message: cause.message, extensions: { code: 'BAD_USER_INPUT' } }] });
        }
      });
    }
  }
}

/** What an entry may be missing for. A lab that is hidden reads like one that is not there. */
async function noteOf(context: FeedContext, scope: Found['scope']): Promise<string | null> {
  const found = await coverageOf(scope, context);
  if (await isComplete(found, context.store)) return null;
  const behind = found.sources.filter(({ status, openGaps }) => status !== 'HEALTHY' || openGaps !== 0);
  const names = behind.map(({ source }) => source.slug).join(', ');
  return `Something may be missing${names ? `: ${names} not read to the end` : ''}.`;
}
