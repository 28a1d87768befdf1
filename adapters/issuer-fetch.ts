/**
 * The only way out to whoever vouches for accounts: by https (within the machine also http), to no address that attacks the
 * machine Basalt runs on, without redirects, with a deadline and a longest answer.
 */
import { Agent, request } from 'undici';
import { guardAddress } from './address.ts';
import { isSafe } from './agent/push.ts';

export type IssuerFetchOptions = {
  issuer: string;
  caPem: string | null;
  userAgent: string;
  timeoutMs?: number;
};

/** As `fetch`, for what OpenID Connect asks. */
export type IssuerFetch = {
  /** @throws IssuerSilent */
  fetch(url: string, options: { method: string; headers: Record<string, string>; body: unknown }): Promise<Response>;
  close(): Promise<void>;
};

/** It does not answer, or not as may be taken. */
export class IssuerSilent extends Error {
  override name = 'IssuerSilent';
}

const TIMEOUT_MS = 5_000;
const LONGEST = 1024 * 1024;
/** Answers that have no body. */
const EMPTY = [204, 205, 304];

export function createIssuerFetch({
  issuer,
  caPem,
  userAgent,
  timeoutMs = TIMEOUT_MS,
}: IssuerFetchOptions): IssuerFetch {
  const isPlain = new URL(issuer).protocol === 'http:';
  const agents = new Map<string, Agent>();
  /** One for each host: an address that is written out is looked up by nobody, so it is looked at here. */
  const agentOf = ({ hostname }: URL): Agent => {
    const known = agents.get(hostname);
    if (known) return known;
    const lookup = guardAddress(hostname.replace(/^\[|\]$/g, ''), true);
    const agent = new Agent({
      connect: { timeout: timeoutMs, lookup, ...(caPem ? { ca: caPem } : {}) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    agents.set(hostname, agent);
    return agent;
  };
  return {
    async fetch(address, { method, headers, body }) {
      const url = new URL(address);
      const { host } = url;
      if (!(url.protocol === 'https:' || (isPlain && isSafe(address))))
        throw new IssuerSilent(`${url.origin} is not asked: an issuer is asked by https only`);
      try {
        const answer = await request(url, {
          method: method === 'POST' ? 'POST' : 'GET',
          headers: { ...headers, 'user-agent': userAgent },
          body: body === null || body === undefined ? null : String(body),
          dispatcher: agentOf(url),
          signal: AbortSignal.timeout(timeoutMs),
        });
        const chunks: Buffer[] = [];
        let size = 0;
        for await (const chunk of answer.body) {
          size += chunk.length;
          if (size > LONGEST) throw new IssuerSilent(`${host} answers more than ${LONGEST} bytes`);
          chunks.push(chunk);
        }
        const told = Object.entries(answer.headers).flatMap(([name, value]) =>
          [value ?? []].flat().map((one): [string, string] => [name, one]),
        );
        const text = EMPTY.includes(answer.statusCode) ? null : Buffer.concat(chunks);
        return new Response(text, { status: answer.statusCode, headers: told });
      } catch (cause) {
        if (cause instanceof IssuerSilent) throw cause;
        throw new IssuerSilent(`${host} does not answer (${reasonOf(cause)})`, { cause });
      }
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.close()));
    },
  };
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
