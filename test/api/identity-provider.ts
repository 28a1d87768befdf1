/** A real OpenID provider on loopback: `oidc-provider` with its own form, people in memory, and answers that can be spoilt. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export const CLIENT = { id: 'basalt', secret: 'the secret of basalt' };

export type Known = { groups: string[]; name?: string; called?: string };
type Claims = Record<string, unknown>;

export type IdentityProvider = {
  issuer: string;
  /** By their login there, which is their subject. Who is taken away is not known any more. */
  people: Map<string, Known>;
  /** Whether it gives refresh tokens; a new one at each use. */
  refreshes: boolean;
  /** Makes another ID token of the one that it would send. */
  spoil: ((claims: Claims) => string) | null;
  /** Of the claims, with its key or with another. */
  signed(claims: Claims, options?: { key?: KeyObject; alg?: string }): string;
  /** How often it was asked for tokens. */
  asked: { tokens: number };
  /** Begins to answer, for the Basalt at this address. */
  open(basalt: string): void;
  close(): Promise<void>;
};

/** `host`: another name of this machine makes it another site for a browser. */
export async function startProvider(host = '127.0.0.1'): Promise<IdentityProvider> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' };
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://${host}:${(server.address() as AddressInfo).port}`;
  const idp: IdentityProvider = {
    issuer,
    people: new Map(),
    refreshes: true,
    spoil: null,
    asked: { tokens: 0 },
    signed(claims, { key = privateKey, alg = 'ES256' } = {}) {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const text = `${part({ alg, kid: 'one', typ: 'JWT' })}.${part(claims)}`;
      const seal = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
      return `${text}.${alg === 'none' ? '' : seal.toString('base64url')}`;
    },
    open: (basalt) => server.on('request', providerOf(idp, jwk, basalt).callback()),
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  return idp;
}

function providerOf(idp: IdentityProvider, jwk: object, basalt: string): Provider {
  const provider = new Provider(idp.issuer, {
    clients: [
      {
        ...{ client_id: CLIENT.id, client_secret: CLIENT.secret, id_token_signed_response_alg: 'ES256' },
        ...{ grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
        ...{ redirect_uris: [`${basalt}/sign-in/oidc/callback`], post_logout_redirect_uris: [`${basalt}/`] },
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, RefreshToken: 3600, IdToken: 600 },
    features: { devInteractions: { enabled: true } },
    issueRefreshToken: async () => idp.refreshes,
    rotateRefreshToken: true,
    async findAccount(_, subject) {
      const known = idp.people.get(subject);
      if (!known) return undefined;
      const { groups, name, called = subject } = known;
      return {
        accountId: subject,
        claims: async () => ({ sub: subject, preferred_username: called, groups, ...(name ? { name } : {}) }),
      };
    },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: CLIENT.id, accountId: oidc.session?.accountId ?? '' });
      grant.addOIDCScope('openid profile email offline_access');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.path !== '/token') return;
    idp.asked.tokens++;
    const body = context.body as { id_token?: string } | undefined;
    if (!idp.spoil || !body?.id_token) return;
    const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
    context.body = { ...body, id_token: idp.spoil(claims) };
  });
  return provider;
}

/** Enough of a browser: cookies of each origin, no redirects by itself. */
export function createBrowser() {
  const jars = new Map<string, Map<string, string>>();
  return {
    cookies: (origin: string) => jars.get(new URL(origin).origin) ?? new Map<string, string>(),
    async go(address: string, init: RequestInit = {}): Promise<Response> {
      const { origin } = new URL(address);
      const jar = jars.get(origin) ?? new Map<string, string>();
      jars.set(origin, jar);
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
      const headers = { ...(init.method === 'POST' ? { origin } : {}), ...(cookie ? { cookie } : {}), ...init.headers };
      const response = await fetch(address, { redirect: 'manual', ...init, headers });
      for (const text of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
        if (value === '' || /max-age=0(;|$)/i.test(text)) jar.delete(name);
        else jar.set(name, value);
      }
      return response;
    },
  };
}
export type Browser = ReturnType<typeof createBrowser>;

/**
 * From `start` on through the provider's form, as `login`; null: by its "Cancel". Gives the address that it sends back to,
 * not yet opened.
 */
export async function passProvider(browser: Browser, start: string, login: string | null): Promise<string> {
  const { origin } = new URL(start);
  let at = start;
  for (let steps = 0; steps < 12; steps++) {
    const response = await browser.go(at);
    const location = response.headers.get('location');
    if (location !== null) {
      at = new URL(location, at).href;
      if (new URL(at).origin === origin) return at;
      continue;
    }
    const page = await response.text();
    const action = /action="([^"]+)"/.exec(page)?.[1];
    if (!action) throw new Error(`no form at ${at}: ${response.status} ${page}`);
    if (login === null) {
      at = new URL(`${action}/abort`, at).href;
      continue;
    }
    const body = new URLSearchParams({ prompt: 'login', login, password: 'any' });
    const answer = await browser.go(new URL(action, at).href, { method: 'POST', body });
    at = new URL(answer.headers.get('location') ?? '', at).href;
  }
  throw new Error('the provider leads nowhere');
}
