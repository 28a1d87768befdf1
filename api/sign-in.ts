/** `POST /sign-in` and `POST /sign-out`: forms that need no JavaScript. The pages draw them. */
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Viewer } from '#schema/viewer.ts';
import { forget, keep } from './cookie.ts';
import { addForms, formOf, pathOf } from './form.ts';
import { UnknownToken } from './viewer.ts';

/** Wrong tokens from one address before it has to wait, and how long they count. */
const TRIES = 10;
const TRIES_MS = 60_000;
const LONGEST = 4096;

type Options = { viewerOf: (authorization: string | undefined) => Viewer };

export async function addSignIn(app: FastifyInstance, { viewerOf }: Options): Promise<void> {
  const wrong = new LRUCache<string, number>({ max: 10_000, ttl: TRIES_MS, noUpdateTTL: true });
  const isKnown = (token: string) => {
    try {
      return /^\S+$/.test(token) && viewerOf(`Bearer ${token}`).kind === 'person';
    } catch (cause) {
      if (cause instanceof UnknownToken) return false;
      throw cause;
    }
  };
  await addForms(app, { longest: LONGEST, refusal: 'Sign in on this page itself.' }, (scope) => {
    scope.post('/sign-in', async (request, reply) => {
      const form = formOf(request);
      const next = pathOf(form.get('next'));
      const back = (why: string) => reply.redirect(`/sign-in?${new URLSearchParams({ [why]: '1', next })}`, 303);
      const tries = wrong.get(request.ip) ?? 0;
      if (tries >= TRIES) return back('wait');
      const token = form.get('token')?.trim() ?? '';
      if (!isKnown(token)) {
        wrong.set(request.ip, tries + 1);
        return back('wrong');
      }
      keep(reply, token);
      return reply.redirect(next, 303);
    });
    scope.post('/sign-out', async (_request, reply) => {
      forget(reply);
      return reply.redirect('/', 303);
    });
  });
}
