/** The agent's only way out: one address of Basalt, by https, with the key of the source. */
import { Agent, request } from 'undici';
import { Receipt, Refusal } from '#schema/agent-batch.ts';
import { connectOptions } from '../connect.ts';
import { SourceError } from '../error.ts';
import { silenceOf } from '../refusal.ts';

export type PushOptions = {
  slug: string;
  /** Address of Basalt, ending in "/". */
  url: string;
  key: string;
  caPem: string | null;
  userAgent: string;
  /** Longest silence of Basalt. */
  timeoutMs?: number;
};

export type Answer =
  | ({ kind: 'held' } & Receipt)
  /** Basalt refuses for a reason that the agent or a person can do something about. */
  | ({ kind: 'refused' } & Refusal);

export type Pusher = {
  /** @throws SourceError, of Basalt as the source, when there is no answer or none that is understood. */
  push(batch: Buffer, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
};

const NAME = 'Basalt';
const MAX_ANSWER = 64 * 1024;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether a key may be sent there: by https, or within the machine. */
export function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || LOOPBACK.test(hostname);
}

export function createPusher({ slug, url, key, caPem, userAgent, timeoutMs = 60_000 }: PushOptions): Pusher {
  if (!isSafe(url)) throw new SourceError('UNSUPPORTED', NAME, `${url}: a key goes by https only`);
  const base = new URL(url);
  const target = new URL(`agents/${slug}/batches`, base);
  const agent = new Agent({
    connections: 1,
    connect: connectOptions({ slug: NAME, url, caPem }),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const redact = (text: string) => text.replaceAll(key, '[redacted]');
  const asked = { slug: NAME, base, shown: target.pathname, withToken: true, wantsXml: false, timeoutMs, redact };

  return {
    async push(batch, signal) {
      try {
        const { statusCode, headers, body } = await request(target, {
          method: 'POST',
          dispatcher: agent,
          signal,
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/octet-stream',
            'user-agent': userAgent,
          },
          body: batch,
        });
        const chunks: Buffer[] = [];
        let size = 0;
        for await (const chunk of body) {
          size += chunk.length;
          if (size > MAX_ANSWER) throw new SourceError('BAD_PAYLOAD', NAME, 'answers more than an agent is told');
          chunks.push(chunk);
        }
        return answerOf(statusCode, String(headers['content-type'] ?? ''), Buffer.concat(chunks).toString('utf8'));
      } catch (cause) {
        if (cause instanceof SourceError || signal.aborted) throw cause;
        throw silenceOf(asked, cause);
      }
    },
    close: () => agent.close(),
  };
}

function answerOf(status: number, contentType: string, text: string): Answer {
  const told: unknown = contentType.includes('json') ? parsed(text) : null;
  const receipt = status === 200 ? Receipt.safeParse(told) : null;
  if (receipt?.success) return { kind: 'held', ...receipt.data };
  const refusal = Refusal.safeParse(told);
  if (refusal.success) return { kind: 'refused', ...refusal.data };
  if ([401, 403, 404].includes(status)) {
    const message = `takes nothing from agents at this address (HTTP ${status}): check the url, and that Basalt is of a version with agents`;
    throw new SourceError('UNSUPPORTED', NAME, message);
  }
  if (status === 413) {
    const message =
      'or a proxy before it takes no batch of this size (HTTP 413): let 16 MB through (nginx: client_max_body_size 16m)';
    throw new SourceError('UNSUPPORTED', NAME, message);
  }
  const code = status >= 500 || status === 429 ? 'SERVER_ERROR' : 'BAD_PAYLOAD';
  throw new SourceError(
    code,
    NAME,
    `answers HTTP ${status}, and not as Basalt does: is a proxy before it ill or in the way?`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
