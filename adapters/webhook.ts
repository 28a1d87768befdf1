/**
 * Posts to addresses that people gave. Anybody with an account may give one, so they are less trusted than addresses of
 * sources: https only, and nothing in a private network or on this machine but what the operator names. Addresses are
 * looked at when the connection is made; redirects are not followed; of the answer little is read.
 */
import { Agent, errors, request } from 'undici';
import { ForbiddenAddress, guardAddress, isAddress, isLoopback, isPrivate } from './address.ts';

export type WebhookOptions = {
  /** "HOST" or "HOST:PORT" of receivers in a private network, or on this machine. */
  privateHosts: readonly string[];
  userAgent: string;
  /** For the whole of it. */
  timeoutMs?: number;
};

export type Posted = { status: number | null; text: string; tookMs: number };

const TIMEOUT_MS = 10_000;
const CONNECT_MS = 5_000;
/** Of an answer that is kept, and of one that is read. */
const KEPT_BYTES = 200;
const MOST_BYTES = 16_384;
const ELSEWHERE = 'It leads elsewhere, which is not followed: give the address that it leads to.';

export function createWebhooks({ privateHosts, userAgent, timeoutMs = TIMEOUT_MS }: WebhookOptions) {
  const isNamed = ({ host, hostname }: URL) => privateHosts.includes(host) || privateHosts.includes(hostname);

  function problemOf(address: string): string | null {
    if (!URL.canParse(address)) return 'This is no address: write https://, a host and a path.';
    const url = new URL(address);
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    if (url.username || url.password) return 'Leave name and password out: messages are signed instead.';
    const isOfThisMachine = isLoopback(hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isOfThisMachine && isNamed(url)))
      return 'Messages go by https only: write https://.';
    if ((isOfThisMachine || (isAddress(hostname) && isPrivate(hostname))) && !isNamed(url))
      return `${url.host} is in a private network: the operator of this Basalt has to name it under "webhooks".`;
    try {
      guardAddress(hostname, isNamed(url));
      return null;
    } catch (cause) {
      if (!(cause instanceof ForbiddenAddress)) throw cause;
      return `${url.host} is no address to post to.`;
    }
  }

  async function post(
    { url, headers, body }: { url: string; headers: Readonly<Record<string, string>>; body: string },
    signal: AbortSignal,
  ): Promise<Posted> {
    const startedAt = performance.now();
    const problem = problemOf(url);
    if (problem) return { status: null, text: problem, tookMs: 0 };
    const parsed = new URL(url);
    const lookup = guardAddress(parsed.hostname.replace(/^\[|\]$/g, ''), isNamed(parsed));
    const agent = new Agent({ connect: { timeout: CONNECT_MS, lookup } });
    const took = () => Math.round(performance.now() - startedAt);
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await request(url, {
        ...{ method: 'POST', body, dispatcher: agent, signal: AbortSignal.any([signal, deadline]) },
        headers: { ...headers, 'user-agent': userAgent, accept: '*/*' },
      });
      const { statusCode: status } = answer;
      const isElsewhere = status >= 300 && status < 400;
      const text = await beginningOf(answer.body, deadline);
      return { status, text: isElsewhere ? ELSEWHERE : text, tookMs: took() };
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      return { status: null, text: wordsOf(cause, deadline, timeoutMs), tookMs: took() };
    } finally {
      await agent.destroy();
    }
  }

  return { problemOf, post };
}

/** What arrives in time; a status that was told counts, however the rest trickles. */
async function beginningOf(body: AsyncIterable<Buffer>, deadline: AbortSignal): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      size += piece.length;
      if (size >= MOST_BYTES) break;
    }
  } catch (cause) {
    if (!deadline.aborted && !isBroken(cause)) throw cause;
  }
  return inert(Buffer.concat(pieces).subarray(0, KEPT_BYTES));
}

const isBroken = (cause: unknown) => cause instanceof errors.UndiciError || (cause instanceof Error && 'code' in cause);

/** One line without what terminals and browsers act upon. */
function inert(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ')
    .trim();
}

function wordsOf(cause: Error, deadline: AbortSignal, timeoutMs: number): string {
  for (let e: unknown = cause; e instanceof Error; e = e.cause)
    if (e instanceof ForbiddenAddress) return 'The name leads into a private network: nothing was sent.';
  if (deadline.aborted || cause instanceof errors.ConnectTimeoutError)
    return `No answer within ${timeoutMs / 1000} seconds.`;
  if (cause.name === 'AbortError') return 'Basalt was stopped.';
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  return `No connection: ${code}.`;
}
