/**
 * Who has signed in in a browser: a session, or a token of the configuration, in a cookie that no script reads. At the
 * door it becomes the `Authorization` of the request, so that nothing behind it knows two ways to tell who asks.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Over HTTPS with the prefix by which browsers let no other host set it. */
const NAME = 'basalt_token';
const NAMES = [`__Host-${NAME}`, NAME];
const SAFE = ['GET', 'HEAD'];

/** Takes the cookies off a request and gives what they hold. What another site made the browser ask is a visitor's. */
export function takeCookie({ raw, method }: FastifyRequest): string | null {
  const { headers } = raw;
  const pairs = headers.cookie?.split(/; */) ?? [];
  const isOurs = (pair: string) => NAMES.some((name) => pair.startsWith(`${name}=`));
  const found = NAMES.map((name) => pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)).find(
    (value) => value !== undefined,
  );
  if (found === undefined) return null;
  headers.cookie = pairs.filter((pair) => !isOurs(pair)).join('; ');
  return headers.authorization || !isOwnSite(headers, SAFE.includes(method)) ? null : decoded(found);
}

/** Whether a page of ours made the request, as far as the browser tells; what changes something must have been told so. */
export function isOwnSite(headers: IncomingHttpHeaders, isSafe: boolean): boolean {
  const site = headers['sec-fetch-site'];
  if (site) return site === 'same-origin' || site === 'none' || (isSafe && headers['sec-fetch-mode'] === 'navigate');
  const { origin, host } = headers;
  if (origin) return URL.canParse(origin) && new URL(origin).host === host;
  return isSafe;
}

export function keep(reply: FastifyReply, token: string, seconds: number): void {
  set(reply, encodeURIComponent(token), seconds);
}

export function forget(reply: FastifyReply): void {
  set(reply, '', 0);
}

export function isSecure({ headers }: FastifyRequest): boolean {
  return headers['x-forwarded-proto'] === 'https' || headers.origin?.startsWith('https:') === true;
}

function set(reply: FastifyReply, value: string, seconds: number): void {
  setCookie(reply, NAME, value, { seconds, sameSite: 'Strict' });
}

/** Over HTTPS under the name with the prefix; no script reads it. */
export function setCookie(
  reply: FastifyReply,
  name: string,
  value: string,
  { seconds, sameSite }: { seconds: number; sameSite: 'Strict' | 'Lax' },
): void {
  const secure = isSecure(reply.request);
  const safe = `__Host-${name}`;
  // What was kept before HTTPS was there must not outlive it.
  const cookies = secure ? [[safe, value, seconds], ...(seconds ? [] : [[name, '', 0]])] : [[name, value, seconds]];
  for (const [called, text, age] of cookies) {
    const parts = [`${called}=${text}`, 'Path=/', `Max-Age=${age}`, 'HttpOnly', `SameSite=${sameSite}`];
    reply.header('set-cookie', [...parts, ...(secure ? ['Secure'] : [])].join('; '));
  }
}

/** As `setCookie` named it: over HTTPS only the one with the prefix counts, which no other host can have set. */
export function cookieIn(request: FastifyRequest, name: string): string | null {
  const begins = `${isSecure(request) ? '__Host-' : ''}${name}=`;
  const pair = request.raw.headers.cookie?.split(/; */).find((one) => one.startsWith(begins));
  return pair === undefined ? null : pair.slice(begins.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
