/** `basalt serve`: API and pages on one port, the ingest thread beside them; `basalt ingest`: that thread alone. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import next from 'next';
import type { Logger } from 'pino';
import { createIssuerFetch } from '#adapters/issuer-fetch.ts';
import { buildApp } from '#api/app.ts';
import { hasAdmin } from '#store/account.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import { keepCallbackTokens, readCallbackTokens } from './callback-tokens.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { CommandFailure } from './failure.ts';
import { type IngestEvents, startIngest } from './ingest.ts';
import { lazyStore } from './lazy-store.ts';
import { keepPushing } from './pusher.ts';
import { inviteOf, setupToken } from './setup-token.ts';
import { openSourceDesk } from './source-desk.ts';
import type { Running } from './until-stopped.ts';
import { VERSION } from './version.ts';

export type Serving = Running & {
  url: string;
  /** What to tell whoever sets Basalt up; null when there is an admin. */
  invitation: string | null;
};

const NEVER = new Promise<never>(() => undefined);
const STORE_LOOK_MS = 1_000;
/** Shorter than a page waits for the API. */
const PATIENCE_MS = 15_000;
/** While it waits for the ingester's transaction, no page is served; the agent comes again. */
const INBOX_PATIENCE_MS = 500;

/**
 * Resolves when the port answers. Without `ingest` it only serves what others read into the store; without `admin` nobody
 * can change anything unless the configuration names an admin.
 * @throws CommandFailure when it cannot listen there.
 */
export async function startServer(
  config: Config,
  log: Logger,
  events: IngestEvents,
  { ingest: reads = true, admin = true }: { ingest?: boolean; admin?: boolean } = {},
): Promise<Serving> {
  await using open = new AsyncDisposableStack();
  const ingest = reads ? await startIngest(config, events) : null;
  open.defer(() => ingest?.stop());
  const store = await openStore({ ...config.store, mode: 'read', patienceMs: PATIENCE_MS });
  open.defer(() => store.close());
  await untilUsable(store, log);
  open.defer(store.listen((job) => events.emit('jobFinished', job)));
  const setup = admin ? setupToken(config, await hasAdmin(store)) : null;
  const desk = openSourceDesk(config);
  open.defer(() => desk.close());
  const stopping = new AbortController();
  const read = () => readCallbackTokens(store, config.sources, desk.vault);
  const tokens = await read();
  const kept = keepCallbackTokens(tokens, read, log, stopping.signal);
  open.defer(async () => {
    stopping.abort();
    await kept;
  });
  const inbox = lazyStore({ ...config.store, mode: 'write', patienceMs: INBOX_PATIENCE_MS, isDurable: true });
  open.defer(() => inbox.close());
  const { oidc } = config;
  const issuer = oidc && createIssuerFetch({ ...oidc, userAgent: `Basalt/${VERSION}` });
  open.defer(() => issuer?.close());
  const pages = next({ dev: false, dir: join(import.meta.dirname, '../frontend'), quiet: true });
  open.defer(() => pages.close());
  const pageKey = randomBytes(32).toString('base64url');
  const app = await buildApp({
    store,
    access: setup ? [...config.access, setup.access] : config.access,
    events,
    desk,
    ...(oidc && issuer ? { oidc: { settings: oidc, fetch: issuer.fetch } } : {}),
    policies: config.policies,
    rules: config.rules,
    logger: log,
    version: VERSION,
    startedAt: Date.now() * 1000,
    callbacks: {
      tokens,
      onHeard: (slug, externalId) => ingest?.hint(slug, externalId),
    },
    agents: {
      keys: new Map(
        config.sources.flatMap(({ slug, kind, agentKey }) => (kind === 'agent' && agentKey ? [[slug, agentKey]] : [])),
      ),
      open: inbox.open,
      onNews: (slug) => ingest?.news(slug),
    },
    costPerMinute: config.costPerMinute,
    proxies: config.proxies,
    pageKey,
    pages: async () => {
      await pages.prepare();
      return { handle: pages.getRequestHandler() };
    },
  });
  open.defer(() => app.close());
  const pushing = keepPushing(store, desk, log, stopping.signal, app.vouchesFor);
  open.defer(async () => {
    stopping.abort();
    await pushing;
  });
  const url = await listen(app, config);
  process.env.BASALT_API_URL = url;
  process.env.BASALT_PAGE_KEY = pageKey;
  const running = open.move();
  const invitation = setup && inviteOf(setup, url);
  return { url, invitation, broken: ingest?.broken ?? NEVER, close: () => running.disposeAsync() };
}

/** Whoever reads the sources brings the store to this version, and may be started at the same time. */
async function untilUsable(store: Store, log: Logger): Promise<void> {
  let said: string | null = null;
  for (let problem = await store.schemaProblem(); problem; problem = await store.schemaProblem()) {
    if (problem !== said) log.warn({ problem }, 'waiting for the store');
    said = problem;
    await wait(STORE_LOOK_MS);
  }
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'EADDRINUSE') {
      throw new CommandFailure(
        EXIT.busy,
        `${host}:${port}: another program listens there; end it, or set PORT to a free port`,
        { cause },
      );
    }
    if (code === 'EACCES') {
      throw new CommandFailure(
        EXIT.config,
        `${host}:${port}: this user may not listen there; set PORT to one above 1023`,
        { cause },
      );
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      throw new CommandFailure(
        EXIT.config,
        `HOST: "${host}" is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all`,
        { cause },
      );
    }
    throw cause;
  }
}
