/** A session like a browser's, for what a token may not do: making tokens and revoking them. */
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';
import { assertSafe, type Server, send } from './server.ts';
import type { Credentials } from './terminal.ts';

/** Signs in, does the work, and signs out whatever became of it. @throws CommandFailure in words of the sign-in page. */
export async function withSession<T>(
  url: URL,
  { login, password }: Credentials,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  assertSafe(url);
  const { origin } = url;
  const response = await send(new URL('sign-in', url), {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({ login, password }),
  });
  const cookie = response.headers
    .getSetCookie()
    .map((one) => one.split(';')[0] ?? '')
    .find((one) => /^(__Host-)?basalt_token=./.test(one));
  if (!cookie) throw refusal(url, response);
  const headers = { origin, cookie };
  try {
    return await work({ url, headers });
  } finally {
    await send(new URL('sign-out', url), { method: 'POST', headers, body: new URLSearchParams() });
  }
}

function refusal(url: URL, response: Response): CommandFailure {
  const why = new URL(response.headers.get('location') ?? '', url).searchParams;
  if (why.has('wait')) return new CommandFailure(EXIT.findings, 'too many wrong tries: wait a few minutes');
  if (why.has('wrong')) return new CommandFailure(EXIT.findings, 'login or password is wrong');
  return new CommandFailure(EXIT.unreachable, `${url.href} answers ${response.status} to a sign-in: is it a Basalt?`);
}
