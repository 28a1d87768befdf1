/**
 * What agents push: `POST /agents/{source}/batches`. A batch is kept as it is, and answered once it is on the disk; whoever
 * reads the source looks into it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Batch, MAX_BATCH_BYTES, type Receipt, type Refusal, unpackBatch } from '#schema/agent-batch.ts';
import { NotFound } from '#store/error.ts';
import { type Received, receiveBatch, TAKES_OVER_AFTER } from '#store/inbox.ts';
import { assertRoom, isDiskFull } from '#store/room.ts';
import type { Store } from '#store/store.ts';
import { hashOf } from './secret.ts';
import { isUnavailable, UNAVAILABLE } from './unavailable.ts';

export type Agents = {
  /** By the slug of the source; a source without one has no agent. */
  keys: ReadonlyMap<string, string>;
  /** Where batches are written; opened when the first one comes. */
  open: () => Promise<Store>;
  /** There is something to read of the source. */
  onNews: (slug: string) => void;
};

type Route = { Params: { source: string } };

const BUSY_SECONDS = 5;

export async function addAgents(
  app: FastifyInstance,
  { keys, open, onNews }: Agents,
  now: () => number,
): Promise<void> {
  const known = new Map([...keys].map(([slug, key]) => [slug, hashOf(key)]));
  /** Compared with for sources that have no agent, so that time does not tell them. */
  const nobody = hashOf(randomBytes(32).toString('hex'));

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: MAX_BATCH_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.addHook<Route>('onRequest', async (request, reply) => {
      const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      const isKnown = timingSafeEqual(known.get(request.params.source) ?? nobody, hashOf(given ?? ''));
      if (isKnown) return;
      const message = 'the key is not of this source: write the same one here and in the basalt.yaml of Basalt';
      return refuse(reply.header('connection', 'close'), 401, { code: 'KEY', message });
    });
    scope.route<Route>({
      method: 'POST',
      url: '/agents/:source/batches',
      config: { hasOwnTokens: true },
      bodyLimit: MAX_BATCH_BYTES,
      async handler({ params: { source }, body, log }, reply) {
        let batch: Batch;
        try {
          batch = unpackBatch(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
        } catch (cause) {
          log.warn({ err: cause, source }, 'a batch of an agent is not understood');
          const why = cause instanceof Error ? cause.message : String(cause);
          return refuse(reply, 400, { code: 'INVALID', message: `${why}; give the agent and Basalt the same version` });
        }
        try {
          const store = await open();
          assertRoom(store);
          const received = await receiveBatch(store, source, batch, now());
          if (received.outcome !== 'held') return refuse(reply, statusOf(received), wordsOf(received, now()));
          if (received.hasNews) reply.raw.once('finish', () => onNews(source));
          const { held, generation, questions } = received;
          const receipt: Receipt = { held, generation, questions };
          return reply.send(receipt);
        } catch (cause) {
          const refusal = refusalOf(cause);
          if (refusal === null) throw cause;
          return refuse(reply.header('retry-after', BUSY_SECONDS), 503, refusal);
        }
      },
    });
  });
}

/** Null for what is our own fault. */
function refusalOf(cause: unknown): Refusal | null {
  if (isDiskFull(cause)) return { code: 'FULL', message: 'the disk of Basalt is full' };
  if (cause instanceof NotFound) return { code: 'BUSY', message: 'the source is not set up yet' };
  return isUnavailable(cause) ? { code: 'BUSY', message: UNAVAILABLE } : null;
}

type Refused = Exclude<Received, { outcome: 'held' }>;

const statusOf = ({ outcome }: Refused) => (outcome === 'full' ? 503 : 409);

function wordsOf(refused: Refused, now: number): Refusal {
  switch (refused.outcome) {
    case 'other': {
      const ago = Math.max(0, Math.round((now - refused.heardAt) / 1e6));
      const message =
        `another agent pushes with this key, heard ${ago} s ago: stop one of the two, or give each source a key and an agent of its own. ` +
        `If the spool of the other one is lost, this one takes its place ${TAKES_OVER_AFTER / 60e6} minutes after it was last heard`;
      return { code: 'OTHER_AGENT', message };
    }
    case 'lost':
      return {
        code: 'LOST',
        message: `what was acknowledged is not here any more (only up to ${refused.held}): everything is to be read once more`,
      };
    case 'full':
      return {
        code: 'FULL',
        message: `${Math.round(refused.bytes / 1e6)} MB of the source wait here to be read: is it paused, or does no ingester run?`,
      };
  }
}

function refuse(reply: FastifyReply, status: number, refusal: Refusal): FastifyReply {
  return reply.code(status).send(refusal);
}
