/** The OpenID provider that vouches for accounts: everything that is asked of it, in the words of this Basalt. */
import * as client from 'openid-client';
import { groupsIn } from './granted.ts';
import type { OidcSettings } from './oidc-config.ts';

/** What a sign-in carries from its start to its end. */
export type Attempt = { state: string; nonce: string; verifier: string; redirectUri: string };

/** By what it is asked again: a refresh token or, of a provider that gives none, the access token while it lasts. */
export type Held = {
  refresh: string | null;
  access: string | null;
  idToken: string | null;
  /** Where the groups stood when the person came; null: nowhere. */
  groupsFrom: 'userinfo' | 'ID token' | null;
};

/** What it says of a person now. */
export type Told = { subject: string; called: string; name: string | null; groups: string[]; held: Held };

export type FailureReason =
  /** The person, or the provider, said no. */
  | 'denied'
  /** The code was used, is too old or is none. */
  | 'code'
  /** What it sent is not what may be believed. */
  | 'untrusted'
  /** It does not answer. */
  | 'silent'
  /** Anything else that it complains of. */
  | 'failed';

export class ProviderFailure extends Error {
  override name = 'ProviderFailure';
  readonly reason: FailureReason;
  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The person is not known there any more, or not signed in any more. */
export class NotVouched extends Error {
  override name = 'NotVouched';
}

export type Provider = {
  /** Where the browser is sent. @throws ProviderFailure */
  begin(redirectUri: string): Promise<{ attempt: Attempt; url: string }>;
  /** From what the browser brings back, the query of the address. @throws ProviderFailure */
  finish(attempt: Attempt, query: URLSearchParams): Promise<Told>;
  /**
   * Asks about somebody again. What to ask by the next time goes to `keep` as soon as it is there: what was used before is used up.
   * @throws NotVouched, ProviderFailure
   */
  again(subject: string, held: Held, keep: (held: Held) => Promise<void>): Promise<Told>;
  /** Where the browser signs out there, too; null where that is not offered. @throws ProviderFailure */
  signOutUrl(held: Held, backTo: string): Promise<string | null>;
};

/** As `fetch`, along the way that leads out to it: see adapters/issuer-fetch.ts. */
export type ProviderFetch = client.CustomFetch;

/** How long what it says of itself is believed. */
const FRESH_MS = 60_000;
const LONGEST_SUBJECT = 255;

export function createProvider(settings: OidcSettings, fetch: ProviderFetch): Provider {
  const { issuer, clientId, clientSecret, scopes, groupsClaim } = settings;
  let known: { at: number; configuration: Promise<client.Configuration> } | null = null;

  const discover = async (): Promise<client.Configuration> => {
    const isPlain = new URL(issuer).protocol === 'http:';
    try {
      // The signature is checked, too, and not only where the token came from: a proxy in between may read and write.
      return await client.discovery(new URL(issuer), clientId, clientSecret, clientAuth(clientSecret), {
        [client.customFetch]: fetch,
        execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
      });
    } catch (cause) {
      throw failureOf(cause);
    }
  };
  const configured = async (): Promise<client.Configuration> => {
    if (!known || performance.now() - known.at > FRESH_MS) known = { at: performance.now(), configuration: discover() };
    const mine = known;
    try {
      return await mine.configuration;
    } catch (cause) {
      if (known === mine) known = null;
      throw cause;
    }
  };
  const toldBy = async (
    configuration: client.Configuration,
    tokens: { access_token?: string; refresh_token?: string; id_token?: string; claims(): client.IDToken | undefined },
    subject: string,
    before: Held | null,
  ): Promise<Told> => {
    const access = tokens.access_token ?? null;
    const info =
      configuration.serverMetadata().userinfo_endpoint && access
        ? await client.fetchUserInfo(configuration, access, subject)
        : {};
    // What it says now goes before what it signed when the person came.
    const claims: Record<string, unknown> = { ...tokens.claims(), ...info };
    const text = (name: string) =>
      typeof claims[name] === 'string' && claims[name].trim() ? claims[name].trim() : null;
    const where = groupsClaim in info ? 'userinfo' : groupsClaim in (tokens.claims() ?? {}) ? 'ID token' : null;
    // Not told is not the same as none.
    if (before?.groupsFrom === 'ID token' && where === null && tokens.claims() === undefined)
      throw new NotVouched(`the groups stood in the ID token, and no other comes: ask for the scope offline_access`);
    return {
      subject,
      called: text('preferred_username') ?? text('email') ?? subject,
      name: text('name')?.slice(0, 200) ?? null,
      groups: groupsIn(claims[groupsClaim]),
      held: { ...heldOf(tokens, before), groupsFrom: before?.groupsFrom ?? where },
    };
  };

  return {
    async begin(redirectUri) {
      const configuration = await configured();
      const attempt = {
        ...{ state: client.randomState(), nonce: client.randomNonce() },
        ...{ verifier: client.randomPKCECodeVerifier(), redirectUri },
      };
      const url = client.buildAuthorizationUrl(configuration, {
        ...{ redirect_uri: redirectUri, scope: scopes.join(' '), state: attempt.state, nonce: attempt.nonce },
        ...{ code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier), code_challenge_method: 'S256' },
        // Without it a provider leaves the scope out.
        ...(scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
      });
      return { attempt, url: url.href };
    },
    async finish({ state, nonce, verifier, redirectUri }, query) {
      const configuration = await configured();
      try {
        const tokens = await client.authorizationCodeGrant(configuration, new URL(`${redirectUri}?${query}`), {
          ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
        });
        const subject = tokens.claims()?.sub ?? '';
        if (subject === '' || subject.length > LONGEST_SUBJECT)
          throw new ProviderFailure('untrusted', 'the subject is empty or too long');
        return await toldBy(configuration, tokens, subject, null);
      } catch (cause) {
        throw failureOf(cause);
      }
    },
    async again(subject, held, keep) {
      const configuration = await configured();
      try {
        if (held.refresh === null) {
          if (held.access === null) throw new NotVouched('it gave nothing to be asked by');
          const none = { access_token: held.access, claims: () => undefined };
          return await toldBy(configuration, none, subject, held);
        }
        const tokens = await client.refreshTokenGrant(configuration, held.refresh);
        const claimed = tokens.claims()?.sub;
        if (claimed !== undefined && claimed !== subject) throw new NotVouched('it answers for somebody else');
        await keep({ ...heldOf(tokens, held), groupsFrom: held.groupsFrom });
        return await toldBy(configuration, tokens, subject, held);
      } catch (cause) {
        const isGone =
          (cause instanceof client.ResponseBodyError && cause.error === 'invalid_grant') ||
          (cause instanceof client.WWWAuthenticateChallengeError && cause.status === 401);
        if (isGone) throw new NotVouched('it does not know the session any more', { cause });
        throw failureOf(cause);
      }
    },
    async signOutUrl({ idToken }, backTo) {
      const configuration = await configured();
      if (!configuration.serverMetadata().end_session_endpoint) return null;
      const url = client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: backTo });
      if (idToken) url.searchParams.set('id_token_hint', idToken);
      return url.href;
    },
  };
}

function heldOf(
  tokens: { access_token?: string; refresh_token?: string; id_token?: string },
  before: Held | null,
): Omit<Held, 'groupsFrom'> {
  const refresh = tokens.refresh_token ?? before?.refresh ?? null;
  const access = refresh ? null : (tokens.access_token ?? null);
  return { refresh, access, idToken: tokens.id_token ?? before?.idToken ?? null };
}

/** As the provider takes the secret: in the body where it says so, for it is written differently into headers here and there. */
function clientAuth(secret: string): client.ClientAuth {
  const [byBody, byHeader] = [client.ClientSecretPost(secret), client.ClientSecretBasic(secret)];
  return (server, ...rest) =>
    (server.token_endpoint_auth_methods_supported?.includes('client_secret_post') ? byBody : byHeader)(server, ...rest);
}

/** What an error of the library means to whoever signs in. */
function failureOf(cause: unknown): Error {
  if (cause instanceof ProviderFailure || cause instanceof NotVouched) return cause;
  const because = (reason: FailureReason, what: string) => new ProviderFailure(reason, what, { cause });
  if (cause instanceof client.AuthorizationResponseError) {
    const isNo = ['access_denied', 'login_required', 'consent_required', 'interaction_required'].includes(cause.error);
    return because(isNo ? 'denied' : 'failed', `it says ${cause.error}`);
  }
  if (cause instanceof client.ResponseBodyError) {
    if (cause.status >= 500) return because('silent', `it answers HTTP ${cause.status}`);
    return because(cause.error === 'invalid_grant' ? 'code' : 'failed', `it says ${cause.error}`);
  }
  if (cause instanceof client.WWWAuthenticateChallengeError)
    return because('failed', `it answers HTTP ${cause.status}`);
  if (isSilence(cause)) return because('silent', messageOf(cause));
  if (cause instanceof client.ClientError) return because('untrusted', messageOf(cause));
  return because('failed', messageOf(cause));
}

/** No answer at all, or one that a proxy or a failing provider gives. */
function isSilence(cause: unknown): boolean {
  for (let one = cause; one instanceof Error; one = one.cause) {
    if (one.name === 'IssuerSilent') return true;
    if (one.cause instanceof Response) return one.cause.status >= 500 || one.cause.status === 429;
  }
  return cause instanceof client.ClientError && cause.code === 'OAUTH_TIMEOUT';
}

function messageOf(cause: unknown): string {
  const words: string[] = [];
  for (let one = cause; one instanceof Error && words.length < 3; one = one.cause) words.push(one.message);
  return words.join(': ');
}
