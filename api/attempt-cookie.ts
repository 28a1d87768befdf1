/**
 * What ties a sign-in elsewhere to the browser that began it: a sealed cookie of ten minutes, which comes back with the
 * browser from another site (`SameSite=Lax`), and is good for one try.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NoKey, type Vault } from '#store/vault.ts';
import { cookieIn, setCookie } from './cookie.ts';

const NAME = 'basalt_attempt';
const SECONDS = 600;
const PLACE = 'a sign-in elsewhere';

const KeptAttempt = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  next: z.string(),
  /** Hash in hex of the session that the browser had. */
  before: z.string().nullable(),
  /** Microseconds. */
  until: z.number(),
});
export type KeptAttempt = z.infer<typeof KeptAttempt>;

/** @throws NoKey */
export function keepAttempt(reply: FastifyReply, vault: Vault, attempt: Omit<KeptAttempt, 'until'>, now: number): void {
  const sealed = vault.seal(JSON.stringify({ ...attempt, until: now + SECONDS * 1e6 }), PLACE);
  setCookie(reply, NAME, sealed.toString('base64url'), { seconds: SECONDS, sameSite: 'Lax' });
}

/** The one that the browser began and has not ended; it is forgotten with this. */
export function takeAttempt(
  request: FastifyRequest,
  reply: FastifyReply,
  vault: Vault,
  now: number,
): KeptAttempt | null {
  const text = cookieIn(request, NAME);
  if (text === null) return null;
  setCookie(reply, NAME, '', { seconds: 0, sameSite: 'Lax' });
  try {
    const kept = KeptAttempt.safeParse(JSON.parse(vault.open(Buffer.from(text, 'base64url'), PLACE)));
    return kept.success && kept.data.until > now ? kept.data : null;
  } catch (cause) {
    // Another key was put in its place meanwhile, or somebody made it up.
    if (cause instanceof NoKey) return null;
    throw cause;
  }
}
