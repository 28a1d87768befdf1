/** The token of whoever sets Basalt up, while nobody is an admin by the configuration or an account. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessToken } from '#api/viewer.ts';
import type { Config } from './config.ts';

const BYTES = 32;

/** `isNew`: to be shown, once. */
export type SetupToken = { access: AccessToken; path: string; isNew: boolean };

/** Null when there is an admin: the token of an account that was made with it is void, and goes. */
export function setupToken({ access, data }: Pick<Config, 'access' | 'data'>, hasAdmin: boolean): SetupToken | null {
  const path = join(data, 'setup-token');
  if (hasAdmin) rmSync(path, { force: true });
  if (hasAdmin || access.some(({ role }) => role === 'admin')) return null;
  mkdirSync(data, { recursive: true });
  const isNew = create(path);
  const token = readFileSync(path, 'utf8').trim();
  return { access: { login: 'setup', token, teams: [], role: 'admin', isSetup: true }, path, isNew };
}

function create(path: string): boolean {
  try {
    writeFileSync(path, `${randomBytes(BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw cause;
  }
}

/** What the terminal says of it: the token itself only when it was made just now. */
export function inviteOf({ access, path, isNew }: SetupToken, url: string): string {
  const page = `${url}/sign-in`;
  return isNew
    ? `No admin is configured. Sign in at ${page} with this setup token, which is shown only now and kept in ${path}:\n  ${access.token}\n`
    : `No admin is configured. Sign in at ${page} with the setup token in ${path}\n`;
}
