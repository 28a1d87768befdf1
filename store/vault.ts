/**
 * Secrets of sources at rest: AES-256-GCM with a key that is not in the store. What is sealed for one place (a source and
 * its address) opens for no other, so that who can write to the store cannot send a token elsewhere.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidInput } from './error.ts';

/** There is no key, or not the right one; the message says which, and what to do. */
export class NoKey extends InvalidInput {
  override name = 'NoKey';
}

export type VaultOptions = {
  /** 32 bytes in base64. */
  key: string | null;
  /** Where the key lies otherwise, and is made when it is first needed; null: it has to be given. */
  file: string | null;
  /** Keys of before, each 32 bytes in base64: what they sealed still opens. */
  old?: readonly string[];
};

export type Vault = {
  /** @throws NoKey when there is no key, or none that can be used. */
  seal(secret: string, place: string): Buffer;
  /** @throws NoKey also when this key did not seal it. */
  open(sealed: Uint8Array, place: string): string;
};

const FORMAT = 1;
const IV = 12;
const TAG = 16;
export const KEY_BYTES = 32;
const MAKE = 'make one by `openssl rand -base64 32`';

export function createVault({ key: given, file, old = [] }: VaultOptions): Vault {
  let known: Buffer | null = null;
  const key = (make: boolean): Buffer => {
    known ??= bytesOf(given ?? (file === null ? null : fileText(file, make)), file);
    return known;
  };
  const before = old.map((text) => bytesOf(text, null));
  return {
    seal(secret, place) {
      const iv = randomBytes(IV);
      const cipher = createCipheriv('aes-256-gcm', key(true), iv).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(FORMAT), iv, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      const failed: unknown[] = [];
      for (const keyOf of [() => key(false), ...before.map((one) => () => one)]) {
        try {
          return opened(sealed, place, keyOf());
        } catch (cause) {
          failed.push(cause);
        }
      }
      const [cause] = failed;
      if (cause instanceof NoKey) throw cause;
      const where = given === null && file !== null ? file : 'BASALT_SECRET_KEY';
      throw new NoKey(
        `its token was sealed with another key than that of ${where}: put the old key back as BASALT_SECRET_KEY_OLD, or give the source its token again`,
        { cause },
      );
    },
  };
}

function opened(sealed: Uint8Array, place: string, key: Buffer): string {
  const bytes = Buffer.from(sealed);
  const body = 1 + IV + TAG;
  if (bytes[0] !== FORMAT || bytes.length < body) throw new Error('not sealed by this version');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + IV))
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(1 + IV, body));
  return Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]).toString('utf8');
}

function fileText(file: string, make: boolean): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (!isCode(cause, 'ENOENT')) throw new NoKey(`${file} cannot be read: make it readable for this user`, { cause });
    if (!make) return null;
  }
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw new NoKey(`${file} cannot be written`, { cause });
  }
  return readFileSync(file, 'utf8');
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}

function bytesOf(text: string | null, file: string | null): Buffer {
  if (text === null) {
    throw new NoKey(
      file === null
        ? `tokens are kept encrypted, and several machines share this store: set BASALT_SECRET_KEY, or BASALT_SECRET_KEY_FILE, to the same key on all of them; ${MAKE}`
        : `${file}, which opens the tokens of the sources, is not there: put it back, or give the sources their tokens again`,
    );
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new NoKey(`the secret key is not ${KEY_BYTES} bytes in base64: ${MAKE}`);
}
