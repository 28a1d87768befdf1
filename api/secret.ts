/**
 * What Basalt gives out to be shown again: `basalt_pat_` (an access token) or `basalt_ses_` (a browser's session), 32
 * letters and digits by chance (190 bits), and six that check the rest, so that a typing error is told without a look
 * into the store, and scanners of leaked secrets know one when they see it.
 */
import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Credential } from '#schema/viewer.ts';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM = 32;
const CHECK = 6;
const HINT = 16;
const PREFIX: Readonly<Record<Credential['kind'], string>> = { token: 'basalt_pat_', session: 'basalt_ses_' };

const checkOf = (text: string): string => {
  let rest = crc32(text);
  let check = '';
  for (let i = 0; i < CHECK; i++) {
    check = LETTERS[rest % LETTERS.length] + check;
    rest = Math.floor(rest / LETTERS.length);
  }
  return check;
};

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** `hint`: how it begins, which may be shown. */
export function createSecret(kind: Credential['kind']): { secret: string; hash: Buffer; hint: string } {
  const random = Array.from({ length: RANDOM }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  const body = PREFIX[kind] + random;
  const secret = body + checkOf(body);
  return { secret, hash: hashOf(secret), hint: secret.slice(0, HINT) };
}

/** What it is and its hash; null of what was not made by createSecret. */
export function readSecret(text: string): { kind: Credential['kind']; hash: Buffer } | null {
  const kind = text.startsWith(PREFIX.token) ? 'token' : text.startsWith(PREFIX.session) ? 'session' : null;
  if (kind === null || text.length !== PREFIX[kind].length + RANDOM + CHECK) return null;
  return checkOf(text.slice(0, -CHECK)) === text.slice(-CHECK) ? { kind, hash: hashOf(text) } : null;
}
