/**
 * The only way out to a source: GET of allow-listed paths and POST of allow-listed calls, one origin, no redirects, a
 * budget, timeouts, retries with jitter, a circuit breaker. Bodies are capped while they stream; secrets are struck out of
 * all that is kept.
 */
import { Agent, request } from 'undici';
import type { Asked as AskedOfKind, RequestKind } from '#schema/records.ts';
import type { Usage } from './adapter.ts';
import { type BudgetLimits, createBudget } from './budget.ts';
import { connectOptions } from './connect.ts';
import { SourceError } from './error.ts';
import { createMeter } from './meter.ts';
import { createPace } from './pace.ts';
import { Pieces } from './pieces.ts';
import { holdSubscription } from './publisher.ts';
import { createRedactor } from './redact.ts';
import { type Asked, refusalOf, silenceOf } from './refusal.ts';
import { createResilience } from './resilience.ts';
import { holdSocket } from './socket.ts';

export type HttpOptions = {
  slug: string;
  /** Address of the source, ending in "/". */
  url: string;
  token: string | null;
  caPem: string | null;
  /** Where the source publishes by ZMQ, "tcp://host:port". */
  zmq?: string | null;
  budget: BudgetLimits & { concurrent: number };
  /** Between two pings of a websocket or a publisher. */
  pingMs?: number;
  /** Paths that may be asked, relative to the address, without query. */
  allowed: readonly RegExp[];
  /** Bodies that may be posted, whole, and where: calls that only read. */
  allowedCalls?: readonly { path: string; body: RegExp }[];
  /** What a path is asked for, where whoever asks does not say. */
  kindOf: (path: string) => RequestKind;
  userAgent: string;
  /** Longest silence of the source, before and within an answer. */
  timeoutMs?: number;
  /** Longest time of one answer, however it trickles. */
  totalTimeoutMs?: number;
  maxBytes?: number;
  /** Tries of one request, the first included. */
  attempts?: number;
  /** First pause before a retry; doubles, with full jitter. */
  firstRetryMs?: number;
  /** Between two requests to a source that has become slow. */
  longestRestMs?: number;
  /** Whether the source's name may lead into a private network, as labs' names do. */
  allowPrivate?: boolean;
};

export type Reply = {
  status: number;
  contentType: string;
  body: Pieces;
  truncated: boolean;
  /** The source said beforehand how long it would be. */
  isCounted: boolean;
  /** From the question to the last byte so far. */
  tookMs: number;
};

export type AskOptions = {
  query?: Record<string, string | number>;
  /** Leave the token out: what a visitor would see. */
  anonymous?: boolean;
  /** Login of the token, where it is taken as a password alone. */
  user?: string;
  /** Keep what has arrived when the body is longer than the cap, or breaks off at every try, and say so. */
  allowTruncated?: boolean;
  /** Longest answer, when it is to be shorter than usual. */
  maxBytes?: number;
  /** What it is asked for; else as the path says. */
  kind?: RequestKind;
  /** As how many requests it counts in the budget, where that is not one. */
  weight?: number;
  /** Whether it is not tried again when it fails. */
  once?: boolean;
  signal: AbortSignal;
};

/** A call of an interface that is not asked by address alone, as the user whose token it is. */
export type Call = { body: string; contentType: string; user: string };

export type ListenOptions = {
  /** Login of the token; null: as a visitor. */
  user: string | null;
  onOpen: () => void;
  onText: (text: string) => void;
  signal: AbortSignal;
};

export type SubscribeOptions = Pick<ListenOptions, 'onOpen' | 'signal'> & { onMessage: (frames: Buffer[]) => void };

export type Http = {
  /** The answer, or null for 404. @throws SourceError for everything else that is no success. */
  get(path: string, options: AskOptions): Promise<Reply | null>;
  /** As `get`, parsed as JSON. */
  getJson(path: string, options: AskOptions): Promise<unknown>;
  /** The answer to a call that only reads, or null for 404. @throws SourceError as `get`. */
  post(path: string, call: Call, options: Omit<AskOptions, 'query' | 'anonymous'>): Promise<Reply | null>;
  /**
   * Hears what the source says at a websocket by itself, until that ends.
   * @throws SourceError when it cannot be opened or falls silent.
   */
  listen(path: string, options: ListenOptions): Promise<void>;
  /** As `listen`, what the source publishes by ZMQ at its second address. */
  subscribe(options: SubscribeOptions): Promise<void>;
  redact(text: string): string;
  /** What the quickest of the last answers took: the way there and back, and next to nothing else. */
  quickestMs(): number;
  /** Source clock minus ours, milliseconds, from the newest Date header. */
  clockOffsetMs(): number | null;
  usage(): Usage;
  /** As `Adapter.drain`. */
  drain(save: (asked: AskedOfKind[]) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

type Ask = AskOptions & { call?: Call };

const KEPT_DURATIONS = 200;
const PING_MS = 20_000;
const LONGEST_MESSAGE = 1024 * 1024;

export function createHttp(options: HttpOptions): Http {
  const { slug, token, timeoutMs = 30_000, totalTimeoutMs = 600_000, maxBytes = 256 * 1024 * 1024 } = options;
  const base = new URL(options.url);
  const strike = createRedactor(token);
  const credentials = new Set<string>();
  const redact = (text: string) =>
    strike([...credentials].reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text));
  const connect = connectOptions(options);
  const agent = new Agent({
    connections: options.budget.concurrent,
    connect,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const budget = createBudget(options.budget);
  const pace = createPace(options.longestRestMs);
  const resilience = createResilience(slug, options.budget.concurrent, options.firstRetryMs ?? 500, options.attempts);
  const meter = createMeter();
  const durations: number[] = [];
  let requests = 0;
  let bytes = 0;
  let offsetMs: number | null = null;

  function basic(user: string, secret: string): string {
    const encoded = Buffer.from(`${user}:${secret}`).toString('base64');
    credentials.add(encoded);
    return `Basic ${encoded}`;
  }

  /** One try. What arrives of a good answer is handed to `keep`, also when the rest never comes. */
  const once = (path: string, ask: Ask, keep: (part: Reply) => void) =>
    pace.run(ask.signal, () => onceNow(path, ask, keep));

  async function onceNow(path: string, ask: Ask, keep: (part: Reply) => void): Promise<Reply | null> {
    await budget.take(ask.signal, ask.weight);
    // What is asked because somebody looks is none of any run that goes on meanwhile.
    const isOfRuns = ask.kind !== 'LIVE';
    if (isOfRuns) requests += 1;
    const startedAt = performance.now();
    const deadline = AbortSignal.timeout(totalTimeoutMs);
    const url = new URL(path, base);
    for (const [key, value] of Object.entries(ask.query ?? {})) url.searchParams.set(key, String(value));
    const withToken = token !== null && ask.anonymous !== true;
    const user = ask.call?.user ?? ask.user;
    const told = { failed: true, bytes: 0 };
    const most = Math.min(maxBytes, ask.maxBytes ?? maxBytes);
    const asked: Asked = {
      slug,
      base,
      shown: `${url.pathname}${url.search}`,
      withToken,
      wantsXml: ask.call !== undefined,
      timeoutMs,
      redact,
    };
    try {
      const {
        statusCode: status,
        headers,
        body: stream,
      } = await request(url, {
        method: ask.call ? 'POST' : 'GET',
        body: ask.call?.body ?? null,
        dispatcher: agent,
        signal: AbortSignal.any([ask.signal, deadline]),
        headers: {
          accept: 'application/json, application/yaml;q=0.9, */*;q=0.1',
          'accept-encoding': 'identity',
          'user-agent': options.userAgent,
          ...(ask.call ? { 'content-type': ask.call.contentType } : {}),
          ...(withToken ? { authorization: user === undefined ? `Token ${token}` : basic(user, token) } : {}),
        },
      });
      const header = (name: string) => String(headers[name] ?? '');
      const date = Date.parse(header('date'));
      if (Number.isFinite(date)) offsetMs = date - Date.now();
      const contentType = header('content-type');
      const pieces = new Pieces();
      let size = 0;
      const isCounted = headers['content-length'] !== undefined;
      const soFar = (truncated: boolean): Reply => {
        const tookMs = performance.now() - startedAt;
        return { status, contentType, body: pieces, truncated, isCounted, tookMs };
      };
      try {
        for await (const chunk of stream) {
          pieces.add(size + chunk.length > most ? chunk.subarray(0, most - size) : chunk);
          if (isOfRuns) bytes += chunk.length;
          budget.spend(chunk.length);
          told.bytes += chunk.length;
          size += chunk.length;
          if (size > most) break;
        }
      } catch (cause) {
        if (status === 200 && size > 0) keep(soFar(true));
        throw cause;
      }
      const reply = soFar(size > most);
      durations.push(reply.tookMs);
      if (status === 200) pace.note(kindOf(path, ask), size, reply.tookMs);
      if (durations.length > KEPT_DURATIONS) durations.shift();
      const answer = {
        status,
        location: header('location'),
        retryAfter: header('retry-after'),
        contentType,
        body: reply.body,
      };
      const refusal = refusalOf(asked, answer);
      if (refusal) throw refusal;
      if (reply.truncated && !ask.allowTruncated) {
        throw new SourceError('BAD_PAYLOAD', slug, `the answer at ${asked.shown} is longer than ${most} bytes`);
      }
      told.failed = false;
      return status === 404 ? null : reply;
    } catch (cause) {
      if (cause instanceof SourceError || ask.signal.aborted) throw cause;
      throw silenceOf(asked, deadline.aborted ? deadline.reason : cause);
    } finally {
      meter.note(ask.kind ?? options.kindOf(path), { ...told, durationMs: performance.now() - startedAt });
    }
  }

  async function get(path: string, ask: AskOptions): Promise<Reply | null> {
    if (!options.allowed.some((pattern) => pattern.test(path)))
      throw new Error(`${slug}: ${path} is not a path Basalt asks`);
    return execute(path, ask);
  }

  async function execute(path: string, ask: Ask): Promise<Reply | null> {
    let part: Reply | null = null;
    try {
      return await resilience.execute(
        (signal) =>
          once(path, { ...ask, signal }, (arrived) => {
            part = arrived;
          }),
        ask.signal,
        ask.once,
      );
    } catch (cause) {
      if (ask.allowTruncated && part && cause instanceof SourceError) return part;
      throw cause;
    }
  }

  type Held = { pingMs: number; maxBytes: number; signal: AbortSignal; onOpen: () => void };

  /** What stays open is one request, for as long as its opening takes. */
  async function hold(asked: Asked, onOpen: () => void, signal: AbortSignal, open: (held: Held) => Promise<void>) {
    await budget.take(signal);
    requests += 1;
    const startedAt = performance.now();
    let isOpen = false;
    const noteOnce = (failed: boolean) => {
      if (!isOpen) meter.note('EVENTS', { failed, bytes: 0, durationMs: performance.now() - startedAt });
      isOpen = true;
    };
    const opened = () => {
      noteOnce(false);
      onOpen();
    };
    try {
      await open({ pingMs: options.pingMs ?? PING_MS, maxBytes: LONGEST_MESSAGE, signal, onOpen: opened });
    } catch (cause) {
      noteOnce(true);
      throw signal.aborted ? cause : silenceOf(asked, cause);
    }
  }

  return {
    get,
    async post(path, call, ask) {
      if (!options.allowedCalls?.some((one) => one.path === path && one.body.test(call.body)))
        throw new Error(`${slug}: this is not a call Basalt makes at ${path}`);
      return execute(path, { ...ask, call });
    },
    async getJson(path, ask) {
      const reply = await get(path, ask);
      return reply && parseJson(slug, path, reply.body.text(), redact);
    },
    listen(path, { user, onOpen, onText, signal }) {
      const url = new URL(path, base);
      url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
      const isKnown = token !== null && user !== null;
      const headers = { 'user-agent': options.userAgent, ...(isKnown ? { authorization: basic(user, token) } : {}) };
      const asked = { slug, base, shown: url.pathname, withToken: isKnown, wantsXml: false, timeoutMs, redact };
      return hold(asked, onOpen, signal, (held) => holdSocket({ ...held, url, headers, connect, onText }));
    },
    subscribe({ onMessage, onOpen, signal }) {
      if (!options.zmq) throw new Error(`${slug}: no ZMQ publisher is configured`);
      const url = new URL(options.zmq.replace(/^tcp:/, 'http:'));
      const place = connectOptions({ ...options, url: url.href });
      const asked = { slug, base: url, shown: options.zmq, withToken: false, wantsXml: false, timeoutMs, redact };
      return hold(asked, onOpen, signal, (held) => holdSubscription({ ...held, url, connect: place, onMessage }));
    },
    redact,
    drain: meter.drain,
    clockOffsetMs: () => offsetMs,
    quickestMs: () => Math.min(...durations),
    usage() {
      const sorted = [...durations].sort((a, b) => a - b);
      return {
        requests,
        bytes,
        usedLastMinute: budget.usedLastMinute(),
        isUsedUp: budget.isUsedUp(),
        p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? null,
        slowdown: pace.slowdown(),
      };
    },
    close: () => agent.close(),
  };
}

/** Requests of one kind cost the source about the same for an answer of the same size. */
function kindOf(path: string, { query = {}, call, weight = 1 }: Ask): string {
  const asked = [path, call?.body.slice(0, 200) ?? '', ...Object.keys(query)].join(' ').replace(/\d+/g, 'N');
  return `${asked} ${weight}`;
}

/** @throws SourceError that shows how the text begins. */
export function parseJson(slug: string, path: string, text: string, redact: (text: string) => string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const beginning = JSON.stringify(redact(text.slice(0, 40)));
    throw new SourceError('BAD_PAYLOAD', slug, `the answer at ${path} is not JSON; it begins ${beginning}`, {
      cause,
      reason: 'NOT_A_MASTER',
    });
  }
}
