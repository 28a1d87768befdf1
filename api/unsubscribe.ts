/**
 * `POST /unsubscribe?token=`: what mail programs post by `List-Unsubscribe` (RFC 8058), without cookies and from anywhere,
 * and the button of the page of the same name. The token in the address is all that it takes.
 */
import type { FastifyInstance } from 'fastify';
import { stopSubscription } from '#store/delivery.ts';
import { NoKey } from '#store/vault.ts';
import { unsubscribed } from './push-mail.ts';
import type { SourceDesk } from './source-desk.ts';

const LONGEST = 1024;

export async function addUnsubscribe(
  app: FastifyInstance,
  { desk, now }: { desk: SourceDesk | null; now: () => number },
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: LONGEST }, (_request, body, done) =>
      done(null, body),
    );
    scope.post<{ Querystring: { token?: unknown } }>('/unsubscribe', async ({ query: { token }, body }, reply) => {
      const key = desk && typeof token === 'string' ? keyOf(desk, token) : null;
      if (desk && key !== null)
        await stopSubscription(await desk.open(), key, { reason: 'mail', actor: 'a mail' }, now());
      // A mail program must not be led on.
      if (String(body).includes('List-Unsubscribe=One-Click')) return reply.code(key === null ? 404 : 200).send();
      return reply.redirect(key === null ? '/unsubscribe?done=no' : '/unsubscribe?done=yes', 303);
    });
  });
}

function keyOf(desk: SourceDesk, token: string): string | null {
  try {
    return unsubscribed(desk.vault, token);
  } catch (cause) {
    if (cause instanceof NoKey) return null;
    throw cause;
  }
}
