/**
 * Who has signed in in a browser: the access token in a cookie that no script reads. At the door it becomes the
 * `Authorization` of the request, so that nothing behind it knows two ways to tell who asks.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from '#schema/viewer.ts';
import { UnknownToken } from './viewer.ts';

const NAME = 'basalt_token';
const KEPT_SECONDS = 30 * 86_400;
const SAFE = ['GET', 'HEAD'];

/** Takes the cookie off a request. What another site made, and a token that is not known any more, make a visitor's. */
export function readCookie(
  { raw, method }: FastifyRequest,
  reply: FastifyReply,
  viewerOf: (authorization: string | undefined) => Viewer,
): void {
  const { headers } = raw;
  const pairs = headers.cookie?.split(/; */) ?? [];
  const token = pairs.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
  if (token === undefined) return;
  headers.cookie = pairs.filter((pair) => !pair.startsWith(`${NAME}=`)).join('; ');
  if (headers.authorization || !isOwnSite(headers, SAFE.includes(method))) return;
  const authorization = `Bearer ${decoded(token)}`;
  try {
    viewerOf(authorization);
    headers.authorization = authorization;
  } catch (cause) {
    if (!(cause instanceof UnknownToken)) throw cause;
    forget(reply);
  }
}

/** Whether a page of ours made the request, as far as the browser tells; what changes something must have been told so. */
export function isOwnSite(headers: IncomingHttpHeaders, isSafe: boolean): boolean {
  const site = headers['sec-fetch-site'];
  if (site) return site === 'same-origin' || site === 'none' || (isSafe && headers['sec-fetch-mode'] === 'navigate');
  const { origin, host } = headers;
  if (origin) return URL.canParse(origin) && new URL(origin).host === host;
  return isSafe;
}

export function keep(reply: FastifyReply, token: string): void {
  set(reply, encodeURIComponent(token), KEPT_SECONDS);
}

export function forget(reply: FastifyReply): void {
  set(reply, '', 0);
}

function set(reply: FastifyReply, value: string, seconds: number): void {
  const { headers } = reply.request;
  const isSecure = headers['x-forwarded-proto'] === 'https' || headers.origin?.startsWith('https:');
  const parts = [`${NAME}=${value}`, 'Path=/', `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Strict'];
  reply.header('set-cookie', [...parts, ...(isSecure ? ['Secure'] : [])].join('; '));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
