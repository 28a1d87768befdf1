/** A Basalt and a real OpenID provider that it signs people in by. */
import { onTestFinished } from 'vitest';
import { createIssuerFetch } from '#adapters/issuer-fetch.ts';
import { OidcConfig } from '#api/oidc-config.ts';
import { listAuditEvents } from '#store/audit-event.ts';
import { settings } from '../store/settings.ts';
import { type Browser, CLIENT, createBrowser, type Known, passProvider, startProvider } from './identity-provider.ts';
import { startServer } from './server.ts';
import { ADMIN } from './signed-in.ts';

export const MINUTE = 60e6;
const GROUPS = { 'kernel-devs': { team: 'kernel' }, judges: { role: 'triage' }, admins: { role: 'admin' } };
const WHO = '{ viewer { login scopes } sources { nodes { slug } } }';
const PAGE = { limit: 50, after: null, before: null, backward: false };

type Who = { viewer: { login: string | null; scopes: string[] }; sources: { nodes: { slug: string }[] } };

/** A Basalt whose lab "kernel" only its team sees, and a provider that knows ann, of that team, and `people`. */
export async function vouchedWorld({
  people = {},
  ...more
}: {
  people?: Record<string, Known>;
  graceMinutes?: number;
} = {}) {
  let late = 0;
  const idp = await startProvider();
  onTestFinished(() => idp.close());
  for (const [login, known] of Object.entries({ ann: { groups: ['kernel-devs', 'others'] }, ...people }))
    idp.people.set(login, known);
  const given = {
    issuer: idp.issuer,
    clientId: CLIENT.id,
    clientSecret: { env: 'X' },
    name: 'Example',
    groups: GROUPS,
  };
  const { clientSecret: _, ca: __, ...config } = OidcConfig.parse({ ...given, ...more });
  const out = createIssuerFetch({ issuer: idp.issuer, caPem: null, userAgent: 'test' });
  onTestFinished(() => out.close());
  const now = () => Date.now() * 1000 + late;
  const server = await startServer({
    sources: [
      settings('open'),
      settings('inside', { visibility: 'INTERNAL' }),
      settings('kernel', { visibility: 'RESTRICTED', teams: ['kernel'] }),
    ],
    access: [{ login: 'ci', token: 'ci-token', teams: [], role: 'viewer' }],
    now,
    oidc: { settings: { ...config, clientSecret: CLIENT.secret, caPem: null }, fetch: out.fetch },
  });
  idp.open(server.url);
  const { store } = server.writer;
  const start = (next = '/') => `${server.url}/sign-in/oidc?${new URLSearchParams({ next })}`;
  /** Who somebody is by what his browser keeps, and the labs that he sees. */
  const who = async (browser: Browser) => {
    const response = await browser.go(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: WHO }),
    });
    const { data } = (await response.json()) as { data: Who };
    return { login: data.viewer.login, labs: data.sources.nodes.map(({ slug }) => slug), scopes: data.viewer.scopes };
  };
  return {
    ...server,
    idp,
    now,
    start,
    who,
    wait(micros: number) {
      late += micros;
    },
    async signIn(login: string, browser = createBrowser()) {
      const answer = await browser.go(await passProvider(browser, start(), login));
      return { browser, answer, place: answer.headers.get('location') };
    },
    sessions: async () => Number((await store.sql.get<{ n: number }>('SELECT count(*) AS n FROM session'))?.n),
    events: async () => (await listAuditEvents(store, ADMIN, null, PAGE))?.rows ?? [],
  };
}

/** Where a sign-in that came to nothing leads. */
export const refusal = (why: string, next = '/') => `/sign-in?${new URLSearchParams({ elsewhere: why, next })}`;
