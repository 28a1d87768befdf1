/** `basalt token`: access tokens of one's account. */
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';
import { readLogin } from './login-file.ts';
import { dataOf, type Server, serverOf } from './server.ts';
import { withSession } from './session.ts';
import { askCredentials } from './terminal.ts';

export type TokenWishes = { scope: string[]; source?: string[]; days: string };
export type TokenOptions = TokenWishes & { url?: string };

type Token = {
  id: string;
  hint: string;
  name: string;
  scopes: string[];
  sources: string[] | null;
  expiresAt: string;
  revokedAt: string | null;
};
type Refused = { userErrors: { field: string | null; message: string }[] };

const LIST = `query ($after: String) { viewer { login tokens(first: 100, after: $after) {
  nodes { id hint name scopes sources expiresAt revokedAt } pageInfo { hasNextPage endCursor } } } }`;
const CREATE = `mutation ($input: CreateTokenInput!) { createToken(input: $input) {
  secret token { expiresAt } userErrors { field message } } }`;
const REVOKE = `mutation ($id: ID!) { revokeToken(input: { id: $id }) { token { name } userErrors { field message } } }`;

export async function listTokens(env: NodeJS.ProcessEnv, { url }: { url?: string }): Promise<number> {
  const now = new Date().toISOString();
  for (const { id, hint, name, scopes, sources, expiresAt, revokedAt } of await tokensOf(serverOf(env, url))) {
    const ending = expiresAt < now ? 'expired' : 'expires';
    const fate = revokedAt === null ? `${ending} ${expiresAt}` : `revoked ${revokedAt}`;
    const fields = [id, hint, name, scopes.map(scopeName).join(','), sources?.join(',') ?? 'all sources', fate];
    process.stdout.write(`${fields.map((field) => field.replaceAll(/\s/g, ' ')).join('\t')}\n`);
  }
  return EXIT.ok;
}

/** The token alone is printed to standard output. */
export async function createToken(env: NodeJS.ProcessEnv, name: string, options: TokenOptions): Promise<number> {
  const server = serverOf(env, options.url);
  const wishes = inputOf(name, options);
  const { secret, expiresAt } = await signedIn(env, server, (session) => makeToken(session, wishes));
  process.stderr.write(`It lasts until ${expiresAt} and is shown only now:\n`);
  process.stdout.write(`${secret}\n`);
  return EXIT.ok;
}

/** By its id, or by how it begins where no other does so. */
export async function revokeToken(env: NodeJS.ProcessEnv, id: string, { url }: { url?: string }): Promise<number> {
  const name = await signedIn(env, serverOf(env, url), async (session) => {
    const found = (await tokensOf(session)).filter((one) => one.id === id || one.hint === id);
    const [token, ...more] = found;
    if (!token || more.length > 0)
      throw new CommandFailure(EXIT.usage, `${found.length} tokens of yours are "${id}": see basalt token list`);
    const { revokeToken } = await dataOf<{ revokeToken: Refused }>(session, REVOKE, { id: token.id });
    assertDone(revokeToken);
    return token.name;
  });
  process.stderr.write(`"${name}" is revoked\n`);
  return EXIT.ok;
}

/** @throws CommandFailure with what is wrong with the wishes. */
export async function makeToken(session: Server, input: object): Promise<{ secret: string; expiresAt: string }> {
  const { createToken } = await dataOf<{
    createToken: Refused & { secret: string | null; token: { expiresAt: string } | null };
  }>(session, CREATE, { input });
  assertDone(createToken);
  const { secret, token } = createToken;
  if (secret === null || !token) throw new CommandFailure(EXIT.findings, 'no token was made');
  return { secret, expiresAt: token.expiresAt };
}

/** What the API is asked for. @throws CommandFailure */
export function inputOf(name: string, { scope, source = [], days }: TokenWishes): object {
  if (!/^\d+$/.test(days)) throw new CommandFailure(EXIT.usage, `--days ${days} is no number of days`);
  const scopes = (scope.length > 0 ? scope : ['read']).map((one) => one.toUpperCase().replace(':', '_'));
  return { name, scopes, sources: source.length > 0 ? source : null, expiresInDays: Number(days) };
}

const scopeName = (scope: string) => scope.toLowerCase().replace('_', ':');

async function signedIn<T>(env: NodeJS.ProcessEnv, { url }: Server, work: (session: Server) => Promise<T>): Promise<T> {
  const kept = readLogin(env);
  const known = kept?.url === url.href ? kept.login : null;
  return withSession(url, await askCredentials(known, process.stdin, process.stderr), work);
}

async function tokensOf(server: Server): Promise<Token[]> {
  const found: Token[] = [];
  let after: string | null = null;
  do {
    type Listed = {
      login: string | null;
      tokens: { nodes: Token[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
    const { viewer }: { viewer: Listed } = await dataOf(server, LIST, { after });
    if (viewer.login === null)
      throw new CommandFailure(EXIT.findings, `nobody has logged in to ${server.url.href}: run basalt login`);
    found.push(...viewer.tokens.nodes);
    after = viewer.tokens.pageInfo.hasNextPage ? viewer.tokens.pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

function assertDone({ userErrors }: Refused): void {
  if (userErrors.length === 0) return;
  throw new CommandFailure(EXIT.findings, userErrors.map(({ message }) => message).join('\n'));
}
