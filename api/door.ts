/** The door: who asks is found out once, before anything else, and is `request.viewer` from then on. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { forget, takeCookie } from './cookie.ts';
import { hashOf } from './secret.ts';
import { UnknownToken, type ViewerOf } from './viewer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    viewer: Viewer;
    /** One of our own pages asks, for whoever looks at it. */
    isPage: boolean;
  }
}

const TOLD_ALWAYS = { vary: 'Authorization, Cookie', 'permissions-policy': 'camera=(), geolocation=(), microphone=()' };
/** Two years. The header is for a browser that came by HTTPS; over plain HTTP none heeds it. */
const HSTS = 'max-age=63072000';

const PAGE_HEADER = 'x-basalt-page';

/** `pageKey` is what pages of this process show; nobody else knows it. */
export function addDoor(app: FastifyInstance, viewerOf: ViewerOf, pageKey: string | null): void {
  const pageHash = pageKey === null ? null : hashOf(pageKey);
  app.decorateRequest('viewer');
  app.decorateRequest('isPage', false);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).headers(TOLD_ALWAYS);
    if (request.headers['x-forwarded-proto'] === 'https') reply.header('strict-transport-security', HSTS);
    request.viewer = ANONYMOUS;
    await openByCookie(request, reply, viewerOf);
    const { headers } = request.raw;
    const shown = headers[PAGE_HEADER];
    request.isPage = pageHash !== null && typeof shown === 'string' && timingSafeEqual(hashOf(shown), pageHash);
    delete headers[PAGE_HEADER];
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
