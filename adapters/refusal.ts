/** What a source's refusals mean, in the operator's words. */
import { errors } from 'undici';
import { ForbiddenAddress } from './address.ts';
import { SourceError, type SourceErrorCode, type SourceErrorOptions } from './error.ts';
import type { Pieces } from './pieces.ts';
import { NoSocket, Silence } from './socket.ts';
import { NotZmtp } from './zmtp.ts';

export type Asked = {
  slug: string;
  base: URL;
  /** Path and query, as asked. */
  shown: string;
  /** Whether the token went with it. */
  withToken: boolean;
  /** Whether the answer is to be XML. */
  wantsXml: boolean;
  timeoutMs: number;
  redact: (text: string) => string;
};

/** Where single sign-on sends to. */
const SIGNS_IN = /login|signin|sign-in|sso|saml|oauth|openid|authorize/i;
/** A page that asks for a password does so within so many bytes. */
const LOGIN_WITHIN = 64 * 1024;

type Answer = { status: number; location: string; retryAfter: string; contentType: string; body: Pieces };

/** Why the answer is none, or null when it is a good one (404 is the caller's to judge). */
export function refusalOf(asked: Asked, answer: Answer): SourceError | null {
  const { shown } = asked;
  const { status, body } = answer;
  if (status === 404) return null;
  if (status >= 300 && status < 400) return redirected(asked, status, answer.location);
  if (status === 401 || status === 403) return denied(asked, status, answer.contentType, body.beginning(200));
  if (status === 429) {
    return fail(asked, 'RATE_LIMITED', `asked to come back later (HTTP 429) at ${shown}`, {
      retryAfterMs: pauseMs(answer.retryAfter),
    });
  }
  if (status >= 500) {
    return fail(asked, 'SERVER_ERROR', `answered HTTP ${status} at ${shown}; it is tried again later`, {
      retryAfterMs: pauseMs(answer.retryAfter),
    });
  }
  if (status !== 200) return fail(asked, 'UNSUPPORTED', `answered HTTP ${status} at ${shown}: ${body.beginning(200)}`);
  const begins = body.beginning(64).trimStart();
  if (answer.contentType.includes('text/html') || begins.startsWith(asked.wantsXml ? '<!' : '<')) {
    const isLogin = /type\s*=\s*["']?password/i.test(body.beginning(LOGIN_WITHIN));
    return fail(
      asked,
      'BAD_PAYLOAD',
      `answered an HTML page at ${shown} (a login or maintenance page?): check the address and the token`,
      { reason: isLogin ? 'LOGIN' : 'NOT_A_MASTER' },
    );
  }
  return null;
}

function redirected(asked: Asked, status: number, location: string): SourceError {
  const { base, shown } = asked;
  const target = URL.canParse(location, base.href) ? new URL(location, base.href) : null;
  if (target && target.origin !== base.origin) {
    const message = `${base.origin} sends to another address, ${target.origin}, at ${shown}: write that one in the configuration if it is the master`;
    const reason = SIGNS_IN.test(target.pathname) ? 'LOGIN' : 'OTHER_HOST';
    return fail(asked, 'UNSUPPORTED', message, { reason, elsewhere: target.href });
  }
  if (target && /\/login\b/.test(target.pathname)) {
    const remedy = asked.withToken
      ? 'make a new token on the master and put it in place'
      : 'give this source a token of a user who may read';
    return fail(asked, 'UNAUTHORIZED', `wants a login at ${shown}: ${remedy}`, { reason: 'LOGIN' });
  }
  return fail(
    asked,
    'UNSUPPORTED',
    `answered a redirect (HTTP ${status}) to ${location} at ${shown}: check the address of the source`,
    { reason: 'NOT_A_MASTER' },
  );
}

function denied(asked: Asked, status: number, contentType: string, detail: string): SourceError {
  const { shown } = asked;
  if (asked.withToken && /token/i.test(detail)) {
    return fail(
      asked,
      'UNAUTHORIZED',
      `the token is refused (HTTP ${status} at ${shown}): make a new one on the master and put it in place`,
      { reason: 'TOKEN' },
    );
  }
  if (!contentType.includes('json')) {
    return fail(
      asked,
      'UNAUTHORIZED',
      `answered HTTP ${status} at ${shown}, and not as a master does: is there a proxy before it that keeps Basalt out?`,
      { reason: 'PROXY' },
    );
  }
  return fail(
    asked,
    'FORBIDDEN',
    `this user may not read ${shown} (HTTP ${status}): give it the right to view on the master`,
    { reason: 'RIGHTS' },
  );
}

/** Why there was no answer at all. */
export function silenceOf(asked: Asked, cause: unknown): SourceError {
  const { base, shown } = asked;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (cause instanceof errors.ConnectTimeoutError)
    return fail(asked, 'TIMEOUT', `could not be reached within 10 s (${base.host})`, { cause, reason: 'NO_ANSWER' });
  if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
    return fail(asked, 'TIMEOUT', `did not answer within ${asked.timeoutMs / 1000} s at ${shown}`, {
      cause,
      reason: 'NO_ANSWER',
    });
  }
  if (cause instanceof Error && cause.name === 'TimeoutError')
    return fail(asked, 'TIMEOUT', `took too long to answer at ${shown}`, { cause, reason: 'NO_ANSWER' });
  if (cause instanceof ForbiddenAddress)
    return fail(asked, 'UNSUPPORTED', `${cause.message}: check the address of the source`, {
      cause,
      reason: 'FORBIDDEN_ADDRESS',
    });
  if (cause instanceof Silence) return fail(asked, 'TIMEOUT', `fell silent at ${shown} (${cause.message})`, { cause });
  if (cause instanceof NoSocket) {
    const message = `opens no websocket at ${shown}: does lava-publisher run, and does the proxy pass it on?`;
    return fail(asked, 'UNREACHABLE', message, { cause });
  }
  if (cause instanceof NotZmtp) {
    const message = `is heard at no ZMQ publisher at ${shown} (${cause.message}): is it the address of lava-publisher?`;
    return fail(asked, 'UNREACHABLE', message, { cause });
  }
  if (code === 'ECONNREFUSED')
    return fail(asked, 'UNREACHABLE', `refuses the connection (${base.host}): is it running?`, {
      cause,
      reason: 'REFUSED',
    });
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return fail(asked, 'UNREACHABLE', `the name ${base.hostname} is not known: check the address`, {
      cause,
      reason: 'NAME_UNKNOWN',
    });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO/.test(code))
    return fail(asked, 'UNREACHABLE', mistrust(code, base.hostname), { cause, reason: 'CERTIFICATE' });
  const what = code || (cause instanceof Error ? cause.message : String(cause));
  return fail(asked, 'UNREACHABLE', `the connection broke at ${shown} (${what})`, { cause, reason: 'BROKEN' });
}

function mistrust(code: string, hostname: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired: it has to be renewed there';
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet: is the clock of this machine right?';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another name than ${hostname}: check the address of the source`;
  return `its certificate is not trusted (${code}): name the authority by "ca" in the configuration`;
}

function fail({ slug, redact }: Asked, code: SourceErrorCode, message: string, options?: SourceErrorOptions) {
  return new SourceError(code, slug, redact(message), options);
}

/** Seconds or a date, as milliseconds from now; at most ten minutes, because the schedule comes back anyway. */
function pauseMs(header: string): number | null {
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(600_000, Math.max(0, ms)) : null;
}
