/** Where one has logged in, and the token that was made for it: one file of the user, which nobody else can read. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';

const Login = z.object({
  /** Ends with a slash. */
  url: z.string(),
  token: z.string(),
  /** Whose token it is; null of a token of the configuration that has no account. */
  login: z.string().nullable(),
});
export type Login = z.infer<typeof Login>;

export function loginPath(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'basalt/login.json');
}

/** Null when one has not logged in. @throws CommandFailure when the file is not understood. */
export function readLogin(env: NodeJS.ProcessEnv): Login | null {
  const path = loginPath(env);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return null;
    throw cause;
  }
  try {
    return Login.parse(JSON.parse(text));
  } catch {
    throw new CommandFailure(EXIT.config, `${path} is not understood: delete it, and run: basalt login URL`);
  }
}

/** The file is there whole or as it was. */
export function writeLogin(env: NodeJS.ProcessEnv, login: Login): string {
  const path = loginPath(env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  chmodSync(part, 0o600);
  renameSync(part, path);
  return path;
}

export function forgetLogin(env: NodeJS.ProcessEnv): void {
  rmSync(loginPath(env), { force: true });
}
