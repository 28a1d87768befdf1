/** The app on a port of its own, over a store that goes with the test. */
import { EventEmitter } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createMailer } from '#adapters/mail.ts';
import { trySource } from '#adapters/try-source.ts';
import { createWebhooks } from '#adapters/webhook.ts';
import type { MappingRule } from '#analysis/build-mapping.ts';
import { type AppOptions, buildApp } from '#api/app.ts';
import { CURSOR_KEY } from '#api/cursor-seal.ts';
import type { FinishedJob } from '#api/subscription.ts';
import type { AccessToken } from '#api/viewer.ts';
import type { JobRecord, SuiteRecord } from '#schema/records.ts';
import type { VerdictPolicy } from '#schema/verdict-policy.ts';
import { openStore } from '#store/open.ts';
import { keepState } from '#store/state.ts';
import type { Store } from '#store/store.ts';
import { createVault, type VaultOptions } from '#store/vault.ts';
import type { SourceSettings } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { temporaryPlace, temporaryWriter, write } from '../store/temporary.ts';

export type Answer = {
  status: number;
  body: { data?: unknown; errors?: { message: string; extensions?: Record<string, unknown> }[]; extensions?: unknown };
};

export const FROM = 'Basalt <basalt@example.org>';

export type Server = {
  url: string;
  app: FastifyInstance;
  writer: Writer;
  /** The connection the app reads from. */
  store: Store;
  events: EventEmitter<{ jobFinished: [FinishedJob] }>;
  ask(query: string, options?: { variables?: object; token?: string }): Promise<Answer>;
  /** The data of an answer without errors. */
  data<T>(query: string, options?: { variables?: object; token?: string }): Promise<T>;
};

export async function startServer({
  sources,
  access = [],
  policies = {},
  rules = [],
  now,
  costPerMinute,
  proxies,
  pageKey,
  oidc,
  privateHosts = [],
  smtp = null,
  vault = { key: Buffer.alloc(32, 7).toString('base64'), file: null },
}: {
  sources: readonly (string | SourceSettings)[];
  access?: AccessToken[];
  policies?: Record<string, VerdictPolicy>;
  rules?: readonly MappingRule[];
  /** Microseconds; the clock when nothing is said. */
  now?: () => number;
  vault?: VaultOptions;
  /** Of webhooks, on this machine. */
  privateHosts?: readonly string[];
  /** By which mail leaves. */
  smtp?: string | null;
  costPerMinute?: number;
  proxies?: readonly string[];
  pageKey?: string;
  oidc?: AppOptions['oidc'];
}): Promise<Server> {
  const place = await temporaryPlace();
  const writer = await temporaryWriter(sources, place);
  // The same for all, so that the answers of two can be compared.
  await keepState(writer.store, CURSOR_KEY, Buffer.alloc(64, 7).toString('base64'));
  const store = await openStore({ ...place, mode: 'read' });
  const events: Server['events'] = new EventEmitter();
  const app = await buildApp({
    store,
    access,
    policies: new Map(Object.entries(policies)),
    rules,
    costPerMinute,
    proxies,
    pageKey,
    ...(oidc ? { oidc } : {}),
    events,
    desk: {
      open: async () => writer.store,
      openImpatiently: async () => writer.store,
      vault: createVault(vault),
      mailer: smtp === null ? null : createMailer({ smtp, from: FROM }),
      webhooks: createWebhooks({ privateHosts, userAgent: 'Basalt/test' }),
      trySource: (place, signal) => trySource({ ...place, version: 'test' }, signal),
    },
    logger: pino({ level: 'silent' }),
    version: 'test',
    startedAt: 0,
    ...(now ? { now } : {}),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await app.close();
    await store.close();
  });
  const ask: Server['ask'] = async (query, { variables, token } = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  return {
    url,
    app,
    writer,
    store,
    events,
    ask,
    async data<T>(query: string, options?: { variables?: object; token?: string }) {
      const { body } = await ask(query, options);
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data as T;
    },
  };
}

/** A finished job with one suite of the given results. */
export async function addJob(
  server: Server,
  slug: string,
  number: number,
  overrides: Partial<JobRecord> = {},
  results = ['PASS', 'FAIL'],
  suiteName = '0_smoke',
): Promise<void> {
  const suite: SuiteRecord = {
    externalId: number,
    name: suiteName,
    isSteps: false,
    cases: results.map((result, i) => ({
      externalId: number * 100 + i,
      name: `case${i}`,
      set: null,
      setExternalId: null,
      result: result as 'PASS',
      measurement: i === 0 ? '1.5000000000' : null,
      unit: i === 0 ? 'seconds' : '',
      startLogLine: i,
      endLogLine: i,
      loggedAt: 1_780_000_000_000_000 + i,
      metadata: `case: case${i}\nresult: ${result.toLowerCase()}\n`,
    })),
  };
  const submitAt = 1_780_000_000_000_000 + number * 1_000_000;
  const job = jobOf({
    externalId: String(number),
    submitAt,
    startAt: submitAt + 1_000_000,
    endAt: submitAt + 61_000_000,
    device: `${slug}-board`,
    ...overrides,
  });
  await write(server.writer, slug, changeOf(job, [suite]));
}
