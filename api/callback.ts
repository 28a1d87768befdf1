/**
 * What jobs of a master tell when they end: `GET` and `POST /callbacks/lava/{source}`. Nothing that is told is believed:
 * a number hastens a read. The master waits meanwhile, so it is answered before its body has arrived.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { idIn, searchHead, tokensIn } from './callback-head.ts';
import { hashOf } from './secret.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route has tokens of its own: `Authorization` does not name a viewer. */
    hasOwnTokens?: boolean;
  }
}

export type Callbacks = {
  /** By the slug of the source, as they are now; a source without one takes no callbacks. */
  tokens: ReadonlyMap<string, string>;
  /** Null: some job. */
  onHeard: (slug: string, externalId: string | null) => void;
};

/** The number comes first, the token after the definition, before log and results. */
const ID_WITHIN = { bytes: 4 * 1024, ms: 1_000 };
const TOKEN_WITHIN = { bytes: 256 * 1024, ms: 5_000 };
const MAX_BODY = 64 * 1024 * 1024;

type Route = { Params: { source: string }; Querystring: Record<string, unknown> };

export async function addCallbacks(app: FastifyInstance, { tokens, onHeard }: Callbacks): Promise<void> {
  /** Compared with for sources that take no callbacks, so that time does not tell them. */
  const nobody = randomBytes(32).toString('hex');

  const answer = async (request: FastifyRequest<Route>, reply: FastifyReply) => {
    const { raw, headers, params, query } = request;
    const mine = hashOf(tokens.get(params.source) ?? nobody);
    const isMine = (given: string) => timingSafeEqual(mine, hashOf(given));
    const length = Number(headers['content-length'] ?? Number.NaN);
    const hasBody = length > 0 || headers['transfer-encoding'] !== undefined;
    const given = headers.authorization?.replace(/^(?:Token|Bearer)\s+/i, '');
    let id = typeof query.id === 'string' && /^[1-9]\d{0,14}$/.test(query.id) ? query.id : null;
    let isKnown = given !== undefined && isMine(given);
    if (length > MAX_BODY) {
      // Its job has ended all the same.
      if (isKnown) reply.raw.once('finish', () => onHeard(params.source, id));
      return reply.code(413).header('connection', 'close').send();
    }
    if (given === undefined && hasBody) {
      const found = await searchHead(raw, TOKEN_WITHIN, (head) => {
        const isOurs = tokensIn(head).filter(isMine).length > 0;
        return isOurs ? { id: idIn(head) } : null;
      });
      isKnown = found !== null;
      id ??= found?.id ?? null;
    } else if (isKnown && hasBody) id ??= await searchHead(raw, ID_WITHIN, idIn);
    // A body of unknown length is not waited for.
    if (!isKnown || (hasBody && Number.isNaN(length))) reply.header('connection', 'close');
    if (!isKnown) return reply.code(401).send();
    reply.raw.once('finish', () => onHeard(params.source, id));
    return reply.code(202).send();
  };

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const config = { hasOwnTokens: true };
    const url = '/callbacks/lava/:source';
    scope.route<Route>({ method: ['GET', 'POST'], url, config, exposeHeadRoute: false, handler: answer });
  });
}
