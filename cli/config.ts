/**
 * basalt.yaml and the environment. Every problem is collected and said with its line; nothing is guessed. An empty
 * variable counts as unset.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import cron from 'node-cron';
import { z } from 'zod';
import { isSafe } from '#adapters/agent/push.ts';
import type { MappingRule } from '#analysis/build-mapping.ts';
import { AccessConfig, LimitsConfig, MailConfig, ProxiesConfig, WebhooksConfig } from '#api/config.ts';
import type { OidcConfig, OidcSettings } from '#api/oidc-config.ts';
import type { AccessToken } from '#api/viewer.ts';
import { AgentConfig, ProjectConfig, SecretReference, SourceConfig } from '#ingest/config.ts';
import { VerdictPolicy } from '#schema/verdict-policy.ts';
import { InvalidInput } from '#store/error.ts';
import { storeName } from '#store/open.ts';
import type { StoreOptions } from '#store/store.ts';
import { KEY_BYTES, type VaultOptions } from '#store/vault.ts';
import { ConfigError, readYaml } from './yaml-file.ts';

/** A URL, or where the URL is: one with a password is a secret. */
const StoreUrl = z.union([z.string(), SecretReference]);

const FileConfig = z.strictObject({
  sources: z.array(SourceConfig).default([]),
  projects: z.array(ProjectConfig).default([]),
  /** By slug of the project. */
  policies: z.record(z.string().min(1), VerdictPolicy).default({}),
  store: z
    .union(
      [StoreUrl, z.strictObject({ url: StoreUrl, readUrl: StoreUrl.optional() })],
      'write sqlite:PATH, or { env: NAME } or { file: PATH } with a postgres:// URL, or url: and readUrl: with two of them',
    )
    .optional(),
  access: AccessConfig.prefault({}),
  agent: AgentConfig.optional(),
  limits: LimitsConfig.prefault({}),
  proxies: ProxiesConfig,
  webhooks: WebhooksConfig.prefault({}),
  mail: MailConfig.optional(),
});

export type ConfiguredSource = Omit<SourceConfig, 'token' | 'ca' | 'callback' | 'agentKey'> & {
  token: string | null;
  caPem: string | null;
  callbackToken: string | null;
  agentKey: string | null;
};
export type ConfiguredAgent = Omit<AgentConfig, 'ca'> & { caPem: string | null };

export type Config = {
  sources: ConfiguredSource[];
  /** Mapping rules of the file alone: see store/mapping-rules.ts. */
  rules: MappingRule[];
  /** What builds of a project must do to pass, by its slug. */
  policies: ReadonlyMap<string, VerdictPolicy>;
  store: Omit<StoreOptions, 'mode'>;
  access: AccessToken[];
  /** Who else vouches for accounts; null: nobody. */
  oidc: OidcSettings | null;
  /** Where this file's sources are pushed to by `basalt agent`; null in the file of a Basalt. */
  agent: ConfiguredAgent | null;
  /** Folder of what is kept. */
  data: string;
  /** What each caller of the API may ask in a minute, in its own unit. */
  costPerMinute: number;
  /** Which proxies are believed when they say whom a request is from: addresses and networks. */
  proxies: readonly string[];
  webhooks: WebhooksConfig;
  /** Null: no mail leaves. */
  mail: { smtp: string; from: string } | null;
  /** What tokens of sources that are kept in the store are encrypted with. */
  vault: VaultOptions;
  host: string;
  port: number;
  logLevel: string;
};

/** Of a key that a machine made. */
const SHORTEST_KEY = 20;

type Environment = Record<string, string | undefined>;

/** @throws ConfigError with every problem, each with file and line. */
export function loadConfig(env: Environment = process.env, overrides: { path?: string } = {}): Config {
  const path = resolve(overrides.path ?? (env.BASALT_CONFIG || 'basalt.yaml'));
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const isNamed = overrides.path !== undefined || Boolean(env.BASALT_CONFIG);
    // Nothing has to be configured: sources can be added in the browser.
    if (code === 'ENOENT' && !isNamed) return parseConfig('', path, env);
    throw new ConfigError([
      `${path}: cannot be read (${code}); write one (docs/configuration.md), name another by BASALT_CONFIG, or name none`,
    ]);
  }
  return parseConfig(text, path, env);
}

export function parseConfig(text: string, path: string, env: Environment): Config {
  const { data: config, where } = readYaml(text, path, FileConfig);
  const problems: string[] = [];
  const secret = (reference: SecretReference, ...keys: PropertyKey[]): string => {
    try {
      return readSecret(reference, env, dirname(path));
    } catch (cause) {
      problems.push(`${where(...keys)}: ${cause instanceof Error ? cause.message : String(cause)}`);
      return '';
    }
  };
  const seen = new Map<string, number>();
  const sources = config.sources.map(({ token, ca, callback, agentKey, ...source }, i) => {
    const first = seen.get(source.slug);
    if (first !== undefined)
      problems.push(`${where('sources', i, 'slug')}: "${source.slug}" is taken by source ${first + 1}`);
    seen.set(source.slug, first ?? i);
    if (!cron.validate(source.poll)) {
      problems.push(
        `${where('sources', i, 'poll')}: "${source.poll}" is no cron expression; every minute is "* * * * *"`,
      );
    }
    if (source.visibility === 'restricted' && source.teams.length === 0) {
      problems.push(`${where('sources', i, 'visibility')}: a restricted source names who may see it: teams: [NAME]`);
    }
    if (source.kind === 'agent' && !agentKey)
      problems.push(`${where('sources', i, 'kind')}: an agent pushes by a key: agentKey: { env: NAME }`);
    for (const [name, given] of Object.entries({ token, ca, callback }))
      if (source.kind === 'agent' && given)
        problems.push(`${where('sources', i, name)}: what the master is asked with is the agent's: write it there`);
    const key = agentKey ? secret(agentKey, 'sources', i, 'agentKey') : null;
    if (key && key.length < SHORTEST_KEY) {
      const how = 'make one by `openssl rand -hex 32`';
      problems.push(`${where('sources', i, 'agentKey')}: ${key.length} characters are no key; ${how}`);
    }
    return {
      ...source,
      agentKey: key,
      token: token ? secret(token, 'sources', i, 'token') : null,
      caPem: ca ? secret({ file: ca }, 'sources', i, 'ca') : null,
      callbackToken: callback ? secret(callback.token, 'sources', i, 'callback', 'token') : null,
    };
  });
  for (const [i, { sources: named = [] }] of config.projects.entries()) {
    for (const [j, slug] of named.entries())
      if (!seen.has(slug)) problems.push(`${where('projects', i, 'sources', j)}: no source is called "${slug}"`);
  }
  const access = config.access.tokens.map(({ token, ...who }, i) => ({
    ...who,
    token: secret(token, 'access', 'tokens', i, 'token'),
  }));
  const oidc = config.access.oidc && readOidc(config.access.oidc, secret);
  if (oidc && !isSafe(oidc.issuer))
    problems.push(`${where('access', 'oidc', 'issuer')}: who signs in is told by https only: write https://`);
  if (config.agent && !isSafe(config.agent.url))
    problems.push(`${where('agent', 'url')}: a key goes by https only: write https://`);
  const agent = config.agent && {
    url: config.agent.url,
    spoolMegabytes: config.agent.spoolMegabytes,
    caPem: config.agent.ca ? secret({ file: config.agent.ca }, 'agent', 'ca') : null,
  };
  const mail = config.mail && { ...config.mail, smtp: secret(config.mail.smtp, 'mail', 'smtp') };
  if (mail?.smtp && !/^smtps?:\/\/[^/]+\/?$/.test(mail.smtp))
    problems.push(`${where('mail', 'smtp')}: write smtp://USER:PASSWORD@HOST:PORT, or smtps://`);
  const listen = readListen(env, problems);
  const data = resolve(env.BASALT_DATA || './data');
  const storeUrl = (given: z.infer<typeof StoreUrl>, ...keys: PropertyKey[]): string => {
    const url = typeof given === 'string' ? given : secret(given, ...keys);
    try {
      if (url !== '') storeName(url);
    } catch (cause) {
      if (!(cause instanceof InvalidInput)) throw cause;
      problems.push(`${where(...keys)}: ${cause.message}`);
    }
    return url;
  };
  const store = placeOf(config.store ?? `sqlite:${data}/basalt.db`, data, storeUrl);
  if (store.url.startsWith('sqlite:') && store.readUrl !== undefined)
    problems.push(`${where('store', 'readUrl')}: only PostgreSQL has a standby to read from`);
  const vault = readVault(env, data, store.url, problems);
  if (oidc && vault.key === null && vault.file === null) {
    const how = 'set BASALT_SECRET_KEY to the same key on all machines; make one by `openssl rand -base64 32`';
    problems.push(`${where('access', 'oidc')}: what the provider is asked by is kept encrypted: ${how}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    sources,
    data,
    vault,
    rules: toRules(config.projects),
    policies: new Map(Object.entries(config.policies)),
    store,
    access,
    oidc: oidc ?? null,
    agent: agent ?? null,
    costPerMinute: config.limits.costPerMinute,
    proxies: config.proxies,
    webhooks: config.webhooks,
    mail: mail ?? null,
    ...listen,
  };
}

function readOidc(
  { clientSecret, ca, ...given }: OidcConfig,
  secret: (reference: SecretReference, ...keys: PropertyKey[]) => string,
): OidcSettings {
  return {
    ...given,
    clientSecret: secret(clientSecret, 'access', 'oidc', 'clientSecret'),
    caPem: ca ? secret({ file: ca }, 'access', 'oidc', 'ca') : null,
  };
}

export function toRules(projects: readonly ProjectConfig[]): MappingRule[] {
  return projects.map(({ slug, ...rule }) => ({ project: slug, ...rule }));
}

type StoreConfig = NonNullable<z.infer<typeof FileConfig>['store']>;

function placeOf(
  given: StoreConfig,
  data: string,
  urlOf: (given: z.infer<typeof StoreUrl>, ...keys: PropertyKey[]) => string,
): Config['store'] {
  const two = typeof given === 'object' && 'url' in given ? given : { url: given };
  const url = urlOf(two.url, 'store', ...(two === given ? ['url'] : []));
  const readUrl = 'readUrl' in two && two.readUrl ? { readUrl: urlOf(two.readUrl, 'store', 'readUrl') } : {};
  return { url, ...readUrl, ...(url.startsWith('sqlite:') ? {} : { logDir: join(data, 'logs') }) };
}

/** HOST, PORT and BASALT_LOG_LEVEL. */
export function readListen(env: Environment, problems: string[]): Pick<Config, 'host' | 'port' | 'logLevel'> {
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push(`PORT: "${env.PORT}" is no port; use 0 to 65535`);
  const logLevel = env.BASALT_LOG_LEVEL || 'info';
  if (!['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].includes(logLevel)) {
    problems.push(`BASALT_LOG_LEVEL: "${logLevel}" is no level; use fatal, error, warn, info, debug, trace or silent`);
  }
  return { host: env.HOST || '127.0.0.1', port, logLevel };
}

/** BASALT_SECRET_KEY or BASALT_SECRET_KEY_FILE; else a file of ours, where no other machine needs the key. */
function readVault(env: Environment, data: string, storeUrl: string, problems: string[]): VaultOptions {
  const { BASALT_SECRET_KEY: given, BASALT_SECRET_KEY_FILE: file, BASALT_SECRET_KEY_OLD: before } = env;
  const isShared = !storeUrl.startsWith('sqlite:');
  const old = before?.split(/[\s,]+/).filter(Boolean) ?? [];
  if (old.some((one) => Buffer.from(one, 'base64').length !== KEY_BYTES))
    problems.push(
      `BASALT_SECRET_KEY_OLD: not keys of ${KEY_BYTES} bytes in base64, one or several with commas between`,
    );
  if (!given && !file) return { key: null, file: isShared ? null : join(data, 'secret-key'), old };
  try {
    const key = given ? given.trim() : readSecret({ file: file ?? '' }, env, process.cwd());
    if (Buffer.from(key, 'base64').length === KEY_BYTES) return { key, file: null, old };
    problems.push(`BASALT_SECRET_KEY: not ${KEY_BYTES} bytes in base64; make one by \`openssl rand -base64 32\``);
  } catch (cause) {
    problems.push(`BASALT_SECRET_KEY_FILE: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return { key: null, file: null };
}

function readSecret(reference: SecretReference, env: Environment, base: string): string {
  if ('env' in reference) {
    const value = env[reference.env];
    if (!value) throw new Error(`the environment has no ${reference.env}: set it to the secret, or use { file: PATH }`);
    return value.trim();
  }
  const path = resolve(base, reference.file);
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new Error(`${path} cannot be read: put the file there, readable by this user`, { cause });
  }
}
