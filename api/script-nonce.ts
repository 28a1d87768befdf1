/** The nonce of a page's scripts: of one answer, never to be guessed, told in its Content-Security-Policy. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const NONCE_BYTES = 16;
/** The policy of every answer that is no page. */
export const SCRIPTS = "script-src 'self'";

/**
 * The policy of a page, made of that of every answer. Next puts on its scripts the nonce of the policy that the request
 * names: ours, whatever the visitor sent.
 */
export function pagePolicy(policy: string, request: IncomingMessage): string {
  const scripts = `${SCRIPTS} 'nonce-${randomBytes(NONCE_BYTES).toString('base64')}'`;
  request.headers['content-security-policy'] = scripts;
  return policy.replace(SCRIPTS, scripts);
}
