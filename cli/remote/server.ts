/** A Basalt somewhere: where it is, by what it is asked, and what it answers. */
import { isSafe } from '#adapters/agent/push.ts';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';
import { VERSION } from '../version.ts';
import { readLogin } from './login-file.ts';

/** `headers` say who asks. */
export type Server = { url: URL; headers: Readonly<Record<string, string>> };

export type Answer<Data = unknown> = {
  data?: Data | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string } }[];
};

const USER_AGENT = `basalt/${VERSION}`;
const TIMEOUT_MS = 60_000;
/** An answer of 429 or 503 says when to come again; so often that is done. */
const TRIES = 3;
const LONGEST_WAIT_SECONDS = 30;

/**
 * By --url, else BASALT_URL, else where one has logged in; with BASALT_TOKEN, else the token of the login if it is of there.
 * @throws CommandFailure where none is named, or a token would go over the network unencrypted.
 */
export function serverOf(env: NodeJS.ProcessEnv, given: string | undefined): Server {
  const login = readLogin(env);
  const address = given || env.BASALT_URL || login?.url;
  if (!address)
    throw new CommandFailure(EXIT.usage, 'which Basalt? Give --url URL, set BASALT_URL, or run: basalt login URL');
  const url = addressOf(address);
  const token = env.BASALT_TOKEN || (login?.url === url.href ? login.token : null);
  if (token !== null) assertSafe(url);
  return { url, headers: token === null ? {} : withToken(token) };
}

export function withToken(token: string): Server['headers'] {
  return { authorization: `Bearer ${token}` };
}

/** @throws CommandFailure when it is no address of a server. */
export function addressOf(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new CommandFailure(EXIT.usage, `"${text}" is no address of a Basalt: write https://HOST or http://HOST:PORT`);
  const { origin, pathname } = new URL(text);
  return new URL(`${pathname.replace(/\/(graphql)?$/, '')}/`, origin);
}

/** @throws CommandFailure */
export function assertSafe(url: URL): void {
  if (!isSafe(url.href)) throw new CommandFailure(EXIT.usage, `${url.href}: a token goes by https only`);
}

/** What it says, errors among it. @throws CommandFailure when it does not answer, or is no Basalt. */
export async function ask<Data>(
  { url, headers }: Server,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer<Data>> {
  const response = await send(new URL('graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const answer = isJson ? (JSON.parse(text) as Answer<Data>) : null;
  if (!answer || !('data' in answer || 'errors' in answer))
    throw new CommandFailure(
      EXIT.unreachable,
      `${url.href} answers ${response.status} and no GraphQL: is it a Basalt?`,
    );
  if (response.status >= 500 || response.status === 429)
    throw new CommandFailure(EXIT.unreachable, `${url.href}: ${wordsOf(answer)}`);
  return answer;
}

/** The data of an answer without errors. @throws CommandFailure with the errors in words. */
export async function dataOf<Data>(server: Server, query: string, variables?: Record<string, unknown>): Promise<Data> {
  const answer = await ask<Data>(server, query, variables);
  if (answer.errors || !answer.data) throw new CommandFailure(EXIT.findings, wordsOf(answer));
  return answer.data;
}

export function wordsOf({ errors }: Answer): string {
  const words = errors?.map(({ message, path }) => (path ? `${path.join('.')}: ${message}` : message));
  return words?.join('\n') || 'the answer is empty';
}

/** @throws CommandFailure when nobody answers. */
export async function send(url: URL, init: RequestInit, tries = TRIES): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      ...init,
      headers: { ...init.headers, 'user-agent': USER_AGENT },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new CommandFailure(EXIT.unreachable, `${url.origin} does not answer: ${reasonOf(cause)}`);
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  if (!(response.status === 429 || response.status === 503) || tries === 1 || !(seconds <= LONGEST_WAIT_SECONDS))
    return response;
  await response.body?.cancel();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return send(url, init, tries - 1);
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message;
}
