/** `basalt login` and `basalt logout`: a token for the commands that ask a Basalt, kept in a file of the user's. */
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';
import { forgetLogin, readLogin, writeLogin } from './login-file.ts';
import { addressOf, assertSafe, dataOf, withToken } from './server.ts';
import { withSession } from './session.ts';
import { askCredentials } from './terminal.ts';
import { inputOf, makeToken, type TokenWishes } from './token.ts';

export type LoginOptions = TokenWishes & { token?: string };

/** What is kept is known to the server by now. */
export async function login(env: NodeJS.ProcessEnv, address: string, options: LoginOptions): Promise<number> {
  const url = addressOf(address);
  assertSafe(url);
  const token = options.token === undefined ? await madeToken(env, url, options) : await givenToken(options.token);
  const { viewer } = await dataOf<{ viewer: { login: string | null } }>(
    { url, headers: withToken(token) },
    '{ viewer { login } }',
  );
  const path = writeLogin(env, { url: url.href, token, login: viewer.login });
  process.stderr.write(`logged in to ${url.href} as ${viewer.login}; the token is in ${path}\n`);
  return EXIT.ok;
}

/** The token itself lasts as long as it was made for: only who signs in can revoke one. */
export function logout(env: NodeJS.ProcessEnv): number {
  const kept = readLogin(env);
  forgetLogin(env);
  process.stderr.write(
    kept
      ? `the token for ${kept.url} is forgotten here, and lasts on: revoke it with basalt token revoke or at ${kept.url}account\n`
      : 'nobody has logged in here\n',
  );
  return EXIT.ok;
}

async function madeToken(env: NodeJS.ProcessEnv, url: URL, options: LoginOptions): Promise<string> {
  const input = inputOf(`basalt login on ${hostname()}`.slice(0, 100), options);
  const kept = readLogin(env);
  const known = kept?.url === url.href ? kept.login : null;
  const credentials = await askCredentials(known, process.stdin, process.stderr);
  const { secret } = await withSession(url, credentials, (session) => makeToken(session, input));
  return secret;
}

async function givenToken(option: string): Promise<string> {
  if (option !== '-')
    throw new CommandFailure(
      EXIT.usage,
      'a token on a command line is seen by others: write --token - and give it on standard input',
    );
  const token = (await text(process.stdin)).trim();
  if (!/^\S+$/.test(token)) throw new CommandFailure(EXIT.usage, 'standard input has no token');
  return token;
}
