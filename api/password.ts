/** Passwords at rest: scrypt with its parameters and salt beside it, so that they can be raised and old ones still open. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MB and some tenths of a second of one core for each. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const KEY = 32;
const SALT = 16;
/** Hashed at once: more wait, so that a flood of tries takes neither memory nor every core. */
const AT_ONCE = 2;

export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 512;

/** What is wrong with it, in words; null when it can be taken. */
export function passwordProblem(password: string, login: string): string | null {
  if (password.length < SHORTEST_PASSWORD)
    return `The password has ${password.length} characters: take ${SHORTEST_PASSWORD} or more, a few words for example.`;
  if (password.length > LONGEST_PASSWORD) return `The password is longer than ${LONGEST_PASSWORD} characters.`;
  if (login.length >= 4 && password.toLowerCase().includes(login.toLowerCase()))
    return 'The password contains the login.';
  if (new Set(password).size < 5) return 'The password repeats a few characters.';
  return null;
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(
  password: string,
  salt: Buffer,
  { N, r, p }: { N: number; r: number; p: number },
): Promise<Buffer> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
    return await new Promise((resolve, reject) =>
      scrypt(password.normalize('NFKC'), salt, KEY, options, (error, key) => (error ? reject(error) : resolve(key))),
    );
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT);
  const key = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** Takes as long where there is none to compare with, so that time does not tell which logins there are. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, N, r, p, salt, key] = stored?.split('$') ?? [];
  if (!salt || !key) {
    await derive(password.slice(0, LONGEST_PASSWORD), Buffer.alloc(SALT), COST);
    return false;
  }
  const given = await derive(password.slice(0, LONGEST_PASSWORD), Buffer.from(salt, 'base64'), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(given, Buffer.from(key, 'base64'));
}
