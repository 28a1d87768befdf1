/** Forms of the pages, which need no JavaScript: each is posted to an address of its own and leads on to a page. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isOwnSite } from './cookie.ts';

/** Registers `routes` where bodies of forms are read, and refuses what another site's page sends. */
export async function addForms(
  app: FastifyInstance,
  { longest, refusal }: { longest: number; refusal: string },
  routes: (scope: FastifyInstance) => void,
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: longest },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    scope.addHook('preHandler', async ({ headers }, reply) => {
      if (!isOwnSite(headers, false)) return reply.code(403).send({ errors: [{ message: refusal }] });
    });
    routes(scope);
  });
}

export function formOf({ body }: FastifyRequest): URLSearchParams {
  return body instanceof URLSearchParams ? body : new URLSearchParams();
}

/** A place of this Basalt and of no other site. */
export function pathOf(next: string | null): string {
  const here = 'http://here';
  if (!next?.startsWith('/') || !URL.canParse(next, here)) return '/';
  const { origin, pathname, search } = new URL(next, here);
  return origin === here && !pathname.startsWith('//') ? `${pathname}${search}` : '/';
}
