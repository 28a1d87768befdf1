/**
 * `GET /sign-in/oidc` sends the browser to the provider, `/sign-in/oidc/callback` takes it back: by OpenID Connect with the
 * authorization code and PKCE. Whatever goes wrong leads to `/sign-in?elsewhere=WHY`, and leaves no session.
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { recordEvent } from '#store/audit-event.ts';
import { NoKey } from '#store/vault.ts';
import { enterVouched } from '#store/vouched-account.ts';
import { sealOf } from '#store/vouched-session.ts';
import { type KeptAttempt, keepAttempt, takeAttempt } from './attempt-cookie.ts';
import { pathOf } from './form.ts';
import { grantedBy } from './granted.ts';
import { loginsFor } from './login.ts';
import type { OidcSettings } from './oidc-config.ts';
import { onwardPage } from './onward-page.ts';
import { type FailureReason, type Provider, ProviderFailure, type Told } from './provider.ts';
import { originOf } from './public-origin.ts';
import { hashOf } from './secret.ts';
import type { SourceDesk } from './source-desk.ts';
import { createTries } from './tries.ts';
import { openHeld } from './vouching.ts';

/** A longer address to go on to would make a cookie that browsers do not keep. */
const LONGEST_NEXT = 2000;

export const CALLBACK = '/sign-in/oidc/callback';

/** Why a sign-in elsewhere came to nothing; the page has the words. */
type Why = FailureReason | 'attempt' | 'groups' | 'disabled' | 'host';

export type Elsewhere = { settings: OidcSettings; provider: Provider; reserved: ReadonlySet<string> };

export type Start = (
  request: FastifyRequest,
  reply: FastifyReply,
  account: { id: number; login: string },
  vouched: { issuer: string; told: Told; before: string | null },
) => Promise<void>;

type Options = { elsewhere: Elsewhere; desk: SourceDesk; start: Start; now: () => number };

export function addSignInElsewhere(app: FastifyInstance, { elsewhere, desk, start, now }: Options): void {
  const { settings, provider, reserved } = elsewhere;
  const { issuer } = settings;
  /** Nobody guesses here what he could be kept from: it is the audit log that is spared. */
  const told = createTries();

  const back = (reply: FastifyReply, why: Why, next: string) =>
    reply.redirect(`/sign-in?${new URLSearchParams({ elsewhere: why, next })}`, 303);

  /** Says why not, in the audit log as well: ten a minute of one address. */
  const refuse = async (request: FastifyRequest, reply: FastifyReply, why: Why, next: string, who: string | null) => {
    const isEnough = told.mustWait(request.ip, '');
    told.failed(request.ip, '');
    if (isEnough) return back(reply, why, next);
    const { sql, transaction } = await desk.open();
    const event = { at: now(), actor: who ?? 'a visitor', target: request.ip, before: null, after: { issuer, why } };
    await transaction(() => recordEvent(sql, { ...event, action: 'session.refused' }));
    return back(reply, why, next);
  };
  const finished = async (request: FastifyRequest, attempt: KeptAttempt): Promise<Told | ProviderFailure> => {
    try {
      return await provider.finish(attempt, new URL(request.url, issuer).searchParams);
    } catch (cause) {
      if (!(cause instanceof ProviderFailure)) throw cause;
      // Its words alone: what it was made of holds tokens.
      request.log.warn({ because: cause.message }, 'a sign-in by the provider failed');
      return cause;
    }
  };

  app.get<{ Querystring: { next?: unknown } }>('/sign-in/oidc', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { viewer, query } = request;
    const next = pathOf(typeof query.next === 'string' ? query.next : null);
    const origin = originOf(request);
    if (!origin) return back(reply, 'host', next);
    try {
      const { attempt, url } = await provider.begin(`${origin}${CALLBACK}`);
      const before = viewer.kind === 'person' && viewer.credential?.kind === 'session' ? viewer.credential.id : null;
      const kept = { ...attempt, next: next.length > LONGEST_NEXT ? '/' : next, before };
      keepAttempt(reply, desk.vault, kept, now());
      return reply.redirect(url, 302);
    } catch (cause) {
      if (!(cause instanceof ProviderFailure)) throw cause;
      request.log.error({ because: cause.message }, 'the provider cannot be asked');
      return back(reply, cause.reason, next);
    }
  });

  app.get<{ Querystring: { state?: unknown } }>(CALLBACK, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const attempt = takeAttempt(request, reply, desk.vault, now());
    const next = pathOf(attempt?.next ?? null);
    const { state } = request.query;
    // Begun in another browser, too long ago, or by nobody: not even what the provider says is listened to.
    if (!attempt || typeof state !== 'string' || !isSame(state, attempt.state)) return back(reply, 'attempt', next);
    const person = await finished(request, attempt);
    if (person instanceof ProviderFailure) return refuse(request, reply, person.reason, next, null);
    const granted = grantedBy(person.groups, settings);
    if (!granted) return refuse(request, reply, 'groups', next, person.called);
    const { subject, name } = person;
    const names = { logins: loginsFor(person.called, new URL(issuer).hostname), reserved };
    const account = await enterVouched(await desk.open(), { issuer, subject, name, ...granted }, names, now());
    if (account.isDisabled) return refuse(request, reply, 'disabled', next, account.login);
    await start(request, reply, account, { issuer, told: person, before: attempt.before });
    // From a page of our own: what a browser is told on its way from another site it does not show us at once.
    const page = onwardPage({ title: 'Signed in', words: `As ${account.login}.`, link: 'Go on', href: next });
    return reply.type('text/html; charset=utf-8').send(page);
  });
}

/** Where whoever shows the session signs out at the provider, too; null where he does not, or it does not answer. */
export async function signOutElsewhere(
  request: FastifyRequest,
  { settings: { issuer }, provider }: Pick<Elsewhere, 'settings' | 'provider'>,
  desk: SourceDesk,
): Promise<string | null> {
  const { viewer } = request;
  const origin = originOf(request);
  if (viewer.kind !== 'person' || !viewer.isVouched || viewer.credential?.kind !== 'session' || !origin) return null;
  const hash = Buffer.from(viewer.credential.id, 'hex');
  const sealed = await sealOf(await desk.open(), hash, issuer);
  if (!sealed) return null;
  try {
    return await provider.signOutUrl(openHeld(desk.vault, issuer, hash, sealed), `${origin}/`);
  } catch (cause) {
    // He is signed out here, whatever the provider does, and whether what it is asked by can be read.
    if (!(cause instanceof ProviderFailure || cause instanceof NoKey)) throw cause;
    request.log.warn({ because: cause.message }, 'the provider could not be told of a sign-out');
    return null;
  }
}

const isSame = (a: string, b: string) => timingSafeEqual(hashOf(a), hashOf(b));
