/** The server as an object: tests build it without a process, cli/serve.ts listens. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UrlWithParsedQuery } from 'node:url';
import helmet from '@fastify/helmet';
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { MappingRule } from '#analysis/build-mapping.ts';
import type { VerdictPolicy } from '#schema/verdict-policy.ts';
import type { Store } from '#store/store.ts';
import { type Agents, addAgents } from './agent.ts';
import { addBadges } from './badge.ts';
import { addCallbacks, type Callbacks } from './callback.ts';
import { isOwnSite } from './cookie.ts';
import { addDoor } from './door.ts';
import { addExports } from './export.ts';
import { addFeeds } from './feed.ts';
import { addGraphql } from './graphql.ts';
import { addMetrics } from './metrics.ts';
import type { OidcSettings } from './oidc-config.ts';
import { createProvider, type ProviderFetch } from './provider.ts';
import { COST_PER_MINUTE } from './rate-limit.ts';
import { pagePolicy } from './script-nonce.ts';
import { addSignIn } from './sign-in.ts';
import type { SourceDesk } from './source-desk.ts';
import type { FinishedJob } from './subscription.ts';
import { addTriageForm } from './triage-form.ts';
import { isUnavailable, sayUnavailable, UNAVAILABLE, UNAVAILABLE_PAGE } from './unavailable.ts';
import { addUnsubscribe } from './unsubscribe.ts';
import { type AccessToken, createUses, createViewerOf } from './viewer.ts';
import { createVouching, NO_VOUCHING } from './vouching.ts';

export type Pages = {
  handle(request: IncomingMessage, response: ServerResponse, url?: UrlWithParsedQuery): Promise<void>;
};

export type AppOptions = {
  store: Store;
  access: readonly AccessToken[];
  events: { on(name: 'jobFinished', listener: (job: FinishedJob) => void): unknown };
  logger: FastifyBaseLogger;
  version: string;
  /** Microseconds. */
  startedAt: number;
  now?: () => number;
  callbacks?: Callbacks;
  agents?: Agents;
  /** Where sources can be changed. */
  desk?: SourceDesk;
  /** Who else vouches for accounts, and how it is asked. Needs a desk. */
  oidc?: { settings: OidcSettings; fetch: ProviderFetch };
  /** What builds of a project must do to pass, by its slug. */
  policies?: ReadonlyMap<string, VerdictPolicy>;
  /** Mapping rules of the configuration. */
  rules?: readonly MappingRule[];
  /** What each caller may ask in a minute, in the unit of api/limits.ts. */
  costPerMinute?: number;
  /** Addresses and networks of proxies that are believed; none where it is left out. */
  proxies?: readonly string[];
  /** By which pages of this process are known: what they ask is counted for nobody. */
  pageKey?: string;
  /** The pages of the UI, when they are served beside the API. */
  pages?: () => Promise<Pages>;
};

const POLICY = 'content-security-policy';
const BODY_LIMIT = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than proxies keep theirs, which else meet a connection that has just been closed. */
const KEEP_ALIVE_MS = 75_000;
/** How often slow connections are looked for. */
const LOOK_MS = 1_000;

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { store, version, startedAt, now = () => Date.now() * 1000, desk = null, policies = new Map() } = options;
  const app: FastifyInstance = fastify({
    loggerInstance: options.logger,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: LOOK_MS },
    forceCloseConnections: true,
    trustProxy: options.proxies?.length ? [...options.proxies] : false,
    genReqId: () => crypto.randomUUID(),
  });
  await app.register(helmet, {
    // See docs/decisions/0005-content-security-policy.md.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Said where the request came by HTTPS: see door.ts.
    hsts: false,
  });
  const uses = createUses(desk, app.log);
  app.addHook('onClose', () => uses.close());
  const elsewhere = options.oidc
    ? {
        ...{ settings: options.oidc.settings, provider: createProvider(options.oidc.settings, options.oidc.fetch) },
        reserved: new Set(['setup', ...options.access.map(({ login }) => login)]),
      }
    : null;
  const vouching = elsewhere && desk ? createVouching({ ...elsewhere, store, desk, log: app.log, now }) : NO_VOUCHING;
  app.decorate('vouchesFor', vouching.vouchesFor);
  const viewerOf = createViewerOf(store, options.access, uses, now, vouching);
  addDoor(app, viewerOf, options.pageKey ?? null);
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    if (isUnavailable(error)) return sayUnavailable(reply).send({ errors: [{ message: UNAVAILABLE }] });
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ err: error }, 'a request failed');
    const message = status < 500 ? error.message : `Basalt failed to answer; request ${request.id}.`;
    return reply.code(status).send({ errors: [{ message }] });
  });

  app.get('/livez', async () => ({ status: 'ok', version }));
  app.get('/readyz', async (_, reply) => {
    const problem = await store.schemaProblem().catch((cause: unknown) => {
      if (isUnavailable(cause)) return UNAVAILABLE;
      throw cause;
    });
    return problem ? sayUnavailable(reply).send({ status: 'not ready', reason: problem }) : { status: 'ok', version };
  });
  addMetrics(app, { store, now });
  addExports(app, { store, now });
  addBadges(app, { store, now, policies });
  addFeeds(app, { store, now });
  await addSignIn(app, { store, desk, viewerOf, now, elsewhere });
  await addTriageForm(app, { desk, now });
  await addUnsubscribe(app, { desk, now });

  await addGraphql(app, {
    store,
    now,
    version,
    startedAt,
    canSignIn: options.access.length > 0,
    signInWith: desk && elsewhere ? elsewhere.settings.name : null,
    viewerOf,
    vouching,
    costPerMinute: options.costPerMinute ?? COST_PER_MINUTE,
    desk,
    policies,
    rules: options.rules ?? [],
    events: options.events,
  });
  if (options.callbacks) await addCallbacks(app, options.callbacks);
  if (options.agents) await addAgents(app, options.agents, now);
  if (options.pages) await addPages(app, store, options.pages);
  return app;
}

/** Everything that is not the API's goes to the pages, body unread: one that has no end, or that another site sends, not at all. */
async function addPages(app: FastifyInstance, store: Store, open: () => Promise<Pages>): Promise<void> {
  const pages = await open();
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.all('/*', async (request, reply) => {
      const { headers, method } = request.raw;
      if (method !== 'GET' && method !== 'HEAD') {
        const isTooLong = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > BODY_LIMIT;
        if (isTooLong) return reply.code(413).send({ errors: [{ message: 'This is too long for a form.' }] });
        if (!isOwnSite(headers, false))
          return reply.code(403).send({ errors: [{ message: 'Send forms from their own page.' }] });
      }
      if (!request.url.startsWith('/_next/') && !(await store.answers())) {
        return sayUnavailable(reply).type('text/html; charset=utf-8').send(UNAVAILABLE_PAGE);
      }
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      const policy = pagePolicy(String(reply.getHeader(POLICY)), request.raw);
      reply.raw.setHeader(POLICY, policy);
      reply.hijack();
      await pages.handle(request.raw, reply.raw);
    });
  });
}
