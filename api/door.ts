/** The door: who asks is found out once, before anything else, and is `request.viewer` from then on. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { forget, takeCookie } from './cookie.ts';
import { UnknownToken, type ViewerOf } from './viewer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    viewer: Viewer;
  }
}

export function addDoor(app: FastifyInstance, viewerOf: ViewerOf): void {
  app.decorateRequest('viewer');
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('vary', 'Authorization, Cookie');
    request.viewer = ANONYMOUS;
    await openByCookie(request, reply, viewerOf);
    const { headers } = request.raw;
    if (headers.authorization) reply.header('cache-control', 'private, no-store');
    for (const name of Object.keys(headers)) if (name.startsWith('x-middleware-')) delete headers[name];
    if (request.routeOptions.config.hasOwnTokens || request.viewer !== ANONYMOUS) return;
    try {
      request.viewer = await viewerOf(headers.authorization);
    } catch (cause) {
      if (!(cause instanceof UnknownToken)) throw cause;
      const errors = [{ message: cause.message, extensions: { code: 'UNAUTHENTICATED' } }];
      return reply.code(401).header('www-authenticate', 'Bearer').send({ errors });
    }
  });
}

/** A cookie that is not known any more makes a visitor. */
async function openByCookie(request: FastifyRequest, reply: FastifyReply, viewerOf: ViewerOf): Promise<void> {
  const token = takeCookie(request);
  if (token === null) return;
  const authorization = `Bearer ${token}`;
  try {
    request.viewer = await viewerOf(authorization);
    request.raw.headers.authorization = authorization;
  } catch (cause) {
    if (!(cause instanceof UnknownToken)) throw cause;
    forget(reply);
  }
}
