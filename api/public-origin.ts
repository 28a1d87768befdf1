/** Under what address whoever asks knows this Basalt: its links in files, badges and feeds begin with it. */
import type { FastifyRequest } from 'fastify';
import { isSecure } from './cookie.ts';

/** "https://basalt.example.org", by `Host` and `X-Forwarded-Proto`, as cookies go by; empty where `Host` is none. */
export function originOf(request: FastifyRequest): string {
  const { host } = request.headers;
  const origin = `${isSecure(request) ? 'https' : 'http'}://${host}`;
  return host && URL.canParse(origin) && new URL(origin).pathname === '/' ? new URL(origin).origin : '';
}
