/** The nonce of a page's scripts: of one answer, never to be guessed, told in its Content-Security-Policy. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const NONCE_BYTES = 16;
const nonces = new WeakMap<IncomingMessage, string>();

/** As it stands in the policy of the answer. */
export function scriptNonce(request: IncomingMessage): string {
  const nonce = nonces.get(request) ?? `'nonce-${randomBytes(NONCE_BYTES).toString('base64')}'`;
  nonces.set(request, nonce);
  return nonce;
}

/** Next puts on its scripts the nonce of the policy that the request names: ours, whatever the visitor sent. */
export function tellNext(request: IncomingMessage): void {
  request.headers['content-security-policy'] = `script-src ${scriptNonce(request)}`;
}
