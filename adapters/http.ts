/**
 * The only way out to a source: GET, allow-listed paths, one origin, no redirects, a budget, timeouts, retries with
 * jitter, a circuit breaker. Bodies are capped while they stream; secrets are struck out of all that is kept.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { Agent, type Dispatcher, errors, request } from 'undici';
import type { Usage } from './adapter.ts';
import { createBudget } from './budget.ts';
import { SourceError, type SourceErrorCode } from './error.ts';
import { createRedactor } from './redact.ts';
import { createResilience } from './resilience.ts';

export type HttpOptions = {
  slug: string;
  /** Address of the source, ending in "/". */
  url: string;
  token: string | null;
  caPem: string | null;
  budget: { concurrent: number; perMinute: number };
  /** Paths that may be asked, relative to the address, without query. */
  allowed: readonly RegExp[];
  userAgent: string;
  timeoutMs?: number;
  maxBytes?: number;
};

export type Reply = { status: number; contentType: string; body: Buffer; truncated: boolean };

export type AskOptions = {
  query?: Record<string, string | number>;
  /** Leave the token out: what a visitor would see. */
  anonymous?: boolean;
  /** Keep what has arrived when the body is longer than the cap or breaks off, and say so. */
  allowTruncated?: boolean;
  signal: AbortSignal;
};

export type Http = {
  /** The answer, or null for 404. @throws SourceError for everything else that is no success. */
  get(path: string, options: AskOptions): Promise<Reply | null>;
  /** As `get`, parsed as JSON. */
  getJson(path: string, options: AskOptions): Promise<unknown>;
  redact(text: string): string;
  /** Source clock minus ours, milliseconds, from the newest Date header. */
  clockOffsetMs(): number | null;
  usage(): Usage;
  close(): Promise<void>;
};

/** Addresses no lab has: a name that leads there is an attack on the machine Basalt runs on. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addSubnet('::ffff:169.254.0.0', 112, 'ipv6');
FORBIDDEN.addAddress('0.0.0.0', 'ipv4');

function isForbidden(address: string): boolean {
  return FORBIDDEN.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

export function createHttp(options: HttpOptions): Http {
  const { slug, token, timeoutMs = 30_000, maxBytes = 256 * 1024 * 1024 } = options;
  const base = new URL(options.url);
  const fail = (code: SourceErrorCode, message: string, cause?: unknown, retryAfterMs: number | null = null) =>
    new SourceError(code, slug, redact(message), { cause, retryAfterMs });
  const redact = createRedactor(token);
  const literal = base.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) && isForbidden(literal)) throw fail('UNSUPPORTED', `${base.host} is no address of a lab`);
  const agent = new Agent({
    connections: options.budget.concurrent,
    connect: {
      timeout: 10_000,
      ...(options.caPem ? { ca: options.caPem } : {}),
      lookup(hostname, lookupOptions, callback) {
        lookup(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
          const bad = addresses?.find(({ address }) => isForbidden(address));
          callback(error ?? (bad ? new Error(`${hostname} leads to ${bad.address}, which is no address of a lab`) : null), addresses);
        });
      },
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const budget = createBudget(options.budget.perMinute);
  const resilience = createResilience(slug, options.budget.concurrent);
  const durations: number[] = [];
  let requests = 0;
  let bytes = 0;
  let offsetMs: number | null = null;

  const once = async (path: string, ask: AskOptions): Promise<Reply | null> => {
    await budget.take(ask.signal);
    requests += 1;
    const startedAt = performance.now();
    const url = new URL(path, base);
    for (const [key, value] of Object.entries(ask.query ?? {})) url.searchParams.set(key, String(value));
    const shown = `${url.pathname}${url.search}`;
    let response: Dispatcher.ResponseData;
    try {
      response = await request(url, {
        method: 'GET',
        dispatcher: agent,
        signal: ask.signal,
        headers: {
          accept: 'application/json, application/yaml;q=0.9, */*;q=0.1',
          'accept-encoding': 'identity',
          'user-agent': options.userAgent,
          ...(token && !ask.anonymous ? { authorization: `Token ${token}` } : {}),
        },
      });
      const reply = await readReply(response, ask, shown);
      durations.push(performance.now() - startedAt);
      if (durations.length > 200) durations.shift();
      return reply;
    } catch (cause) {
      if (cause instanceof SourceError || ask.signal.aborted) throw cause;
      throw fromNetwork(cause, shown);
    }
  };

  const readReply = async (response: Dispatcher.ResponseData, ask: AskOptions, shown: string): Promise<Reply | null> => {
    const { statusCode: status, headers } = response;
    const date = Date.parse(String(headers['date'] ?? ''));
    if (Number.isFinite(date)) offsetMs = date - Date.now();
    const { body, truncated } = await readBody(response.body, ask, shown);
    bytes += body.length;
    const contentType = String(headers['content-type'] ?? '');
    if (status === 404) return null;
    if (status >= 300 && status < 400) throw redirected(status, String(headers['location'] ?? ''), shown);
    if (status === 401 || status === 403) throw refused(status, body, shown, ask.anonymous === true);
    if (status === 429 || status === 503) {
      const later = retryAfter(String(headers['retry-after'] ?? ''));
      throw fail(status === 429 ? 'RATE_LIMITED' : 'SERVER_ERROR', `asked to come back later (HTTP ${status}) at ${shown}`, undefined, later);
    }
    if (status >= 500) throw fail('SERVER_ERROR', `answered HTTP ${status} at ${shown}; it is tried again`);
    if (status !== 200) throw fail('UNSUPPORTED', `answered HTTP ${status} at ${shown}: ${body.toString('utf8', 0, 200)}`);
    if (contentType.includes('text/html') || /^\s*<(!doctype|html)/i.test(body.toString('latin1', 0, 64))) {
      throw fail('BAD_PAYLOAD', `answered an HTML page at ${shown} (a login or maintenance page?): check the address and the token`);
    }
    return { status, contentType, body, truncated };
  };

  const readBody = async (stream: AsyncIterable<Buffer>, ask: AskOptions, shown: string) => {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of stream) {
        size += chunk.length;
        if (size > maxBytes) {
          if (!ask.allowTruncated) throw fail('BAD_PAYLOAD', `the answer at ${shown} is longer than ${maxBytes} bytes`);
          chunks.push(chunk.subarray(0, chunk.length - (size - maxBytes)));
          return { body: Buffer.concat(chunks), truncated: true };
        }
        chunks.push(chunk);
      }
    } catch (cause) {
      if (cause instanceof SourceError || ask.signal.aborted) throw cause;
      throw fail('UNREACHABLE', `the connection broke in the middle of the answer at ${shown}`, cause);
    }
    return { body: Buffer.concat(chunks), truncated: false };
  };

  const redirected = (status: number, location: string, shown: string): SourceError => {
    if (/\/accounts\/login|\/login/.test(location)) {
      return fail('UNAUTHORIZED', `wants a login at ${shown}: give this source a token of a user who may read`);
    }
    const target = URL.canParse(location, base.href) ? new URL(location, base.href) : null;
    if (target && target.origin !== base.origin) {
      return fail('UNSUPPORTED', `sends to another address, ${target.origin}, at ${shown}: write that address in the configuration if it is the master`);
    }
    return fail('UNSUPPORTED', `answered a redirect (HTTP ${status}) to ${location} at ${shown}: check the address of the source`);
  };

  const refused = (status: number, body: Buffer, shown: string, anonymous: boolean): SourceError => {
    const detail = body.toString('utf8', 0, 200);
    if (!anonymous && token && /token/i.test(detail)) {
      return fail('UNAUTHORIZED', `refuses the token (HTTP ${status} at ${shown}): make a new one on the master and put it in place`);
    }
    return fail('UNAUTHORIZED', `does not let this user read ${shown} (HTTP ${status})`);
  };

  const fromNetwork = (cause: unknown, shown: string): SourceError => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
      return fail('TIMEOUT', `did not answer within ${timeoutMs / 1000} s at ${shown}`, cause);
    }
    if (cause instanceof errors.ConnectTimeoutError) return fail('TIMEOUT', `could not be reached within 10 s (${base.host})`, cause);
    if (code === 'ECONNREFUSED') return fail('UNREACHABLE', `refuses the connection (${base.host}): is it running?`, cause);
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return fail('UNREACHABLE', `the name ${base.hostname} is not known: check the address`, cause);
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code)) {
      return fail('UNREACHABLE', `its certificate is not trusted (${code}): name the authority by "ca" in the configuration`, cause);
    }
    return fail('UNREACHABLE', `the connection failed at ${shown} (${code || (cause instanceof Error ? cause.message : String(cause))})`, cause);
  };

  const get = async (path: string, ask: AskOptions): Promise<Reply | null> => {
    if (!options.allowed.some((pattern) => pattern.test(path))) throw new Error(`${slug}: ${path} is not a path Basalt asks`);
    return resilience.execute((signal) => once(path, { ...ask, signal }), ask.signal);
  };

  return {
    get,
    async getJson(path, ask) {
      const reply = await get(path, ask);
      if (!reply) return null;
      try {
        return JSON.parse(reply.body.toString('utf8')) as unknown;
      } catch (cause) {
        throw fail('BAD_PAYLOAD', `the answer at ${path} is not JSON (it begins ${JSON.stringify(reply.body.toString('utf8', 0, 40))})`, cause);
      }
    },
    redact,
    clockOffsetMs: () => offsetMs,
    usage() {
      const sorted = [...durations].sort((a, b) => a - b);
      return { requests, bytes, usedLastMinute: budget.usedLastMinute(), p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? null };
    },
    close: () => agent.close(),
  };
}

/** Seconds or a date, as milliseconds from now; at most ten minutes, because the schedule comes back anyway. */
function retryAfter(header: string): number | null {
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(seconds) ? Math.min(600_000, Math.max(0, seconds)) : null;
}
