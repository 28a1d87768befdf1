/** Accounts, sessions and access tokens. */
import { z } from 'zod';
import type { Membership, Role, Scope, Viewer } from '#schema/viewer.ts';
import { type AccountRow, getAccount, listAccounts, passwordOf, saveAccount, setPassword } from '#store/account.ts';
import { createToken, listTokens, revokeToken, type TokenRow, tokenKey } from '#store/api-token.ts';
import { endOwnSession, listSessions, type SessionRow } from '#store/session.ts';
import { allSources } from '#store/source.ts';
import { accessAdminOf, isAdmin, ownAccountOf } from '#store/visibility.ts';
import { attempt, errorOf } from './attempt.ts';
import { type Connection, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import type { Resolvers } from './graphql/types.ts';
import { isLogin, LOGIN_SHAPE } from './login.ts';
import { fromNodeId, type NodeKind, toNodeId } from './node-id.ts';
import { hashPassword, isPassword, passwordProblem } from './password.ts';
import { createSecret } from './secret.ts';
import { check } from './source-input.ts';

export type AccountList = Connection<AccountRow, number>;
export type AccessTokenList = Connection<TokenRow, number>;
export type ViewerParent = { login: string | null; isAnonymous: boolean; scopes: string[]; teams: string[] };

export type MembershipParent = Membership;

const DAY = 86_400_000_000;

const ROLE: Readonly<Record<Role, 'VIEWER' | 'TRIAGE' | 'SOURCE_ADMIN' | 'ADMIN'>> = {
  viewer: 'VIEWER',
  triage: 'TRIAGE',
  'source-admin': 'SOURCE_ADMIN',
  admin: 'ADMIN',
};
const SCOPE = {
  read: 'READ',
  'write:triage': 'WRITE_TRIAGE',
  'write:sources': 'WRITE_SOURCES',
  'write:access': 'WRITE_ACCESS',
} as const satisfies Record<Scope, string>;

const keyOf = <K extends string, V extends string>(names: Readonly<Record<K, V>>, value: V): K => {
  const found = (Object.keys(names) as K[]).find((key) => names[key] === value);
  if (!found) throw new Error(`${value} stands for nothing`);
  return found;
};

const TokenInput = z.object({
  name: z.string().trim().min(1, 'Say what it is for.').max(100, 'A name has at most 100 characters.'),
  scopes: z.array(z.enum(Object.values(SCOPE))).min(1, 'A token is for something: READ, at least.'),
  sources: z.array(z.string()).min(1, 'Name a source, or leave "sources" out for all.').nullish(),
  expiresInDays: z.int().min(1, 'A token lasts a day at least.').max(366, 'A token lasts 366 days at most.'),
});

const Team = z
  .string()
  .trim()
  .regex(/^[\w.-]{1,64}$/, 'A team is named by 1 to 64 letters, digits, "_", "." and "-".');
const AccountInput = z.object({
  login: z.string().refine(isLogin, `A login is made of ${LOGIN_SHAPE}.`),
  name: z.string().trim().max(200, 'A name has at most 200 characters.').nullish(),
  role: z.enum(Object.values(ROLE)).nullish(),
  teams: z
    .array(z.object({ team: Team, role: z.enum(Object.values(ROLE)) }))
    .max(50, 'An account is in 50 teams at most.')
    .refine(
      (teams) => teams.every(({ role }) => role === 'VIEWER' || role === 'SOURCE_ADMIN'),
      'In a team one is VIEWER or SOURCE_ADMIN; TRIAGE and ADMIN are roles of everything.',
    )
    .nullish(),
  password: z.string().nullish(),
  disabled: z.boolean().nullish(),
});

/** The hash that an id names; null of an id of something else. */
function hashIn(id: string, kind: NodeKind): Buffer | null {
  const parsed = fromNodeId(id);
  return parsed?.kind === kind ? Buffer.from(String(parsed.key[0]), 'hex') : null;
}

const sessionsOf = ({ store, viewer, now }: Context): Promise<SessionRow[]> => listSessions(store, viewer, now());

const accountKey = ({ login }: AccountRow) => [login];
const tokenKeyOf = (row: TokenRow) => [tokenKey(row)];

async function tokensOf({ store, viewer }: Context, args: Parameters<typeof readPage>[0], ofAll: boolean) {
  const { count, ...page } = await listTokens(store, viewer, readPage(args, ['text']), ofAll);
  return toConnection(page, tokenKeyOf, {}, async () => count);
}

async function savedAccount(context: Context, input: unknown) {
  const { viewer } = context;
  const { done, userErrors } = await attempt<AccountRow>(
    context,
    accessAdminOf,
    async ({ store, at }) => {
      const parsed = check(AccountInput, input);
      if (!parsed.ok) return parsed.userErrors;
      const { login, name, role, teams, password, disabled } = parsed.value;
      const problem = password ? passwordProblem(password, login) : null;
      if (problem) return [errorOf('INVALID', problem, 'password')];
      return saveAccount(
        store,
        viewer,
        {
          login,
          ...(name === undefined ? {} : { name: name || null }),
          ...(role ? { role: keyOf(ROLE, role) } : {}),
          ...(teams ? { teams: teams.map((one) => ({ team: one.team, role: keyOf(ROLE, one.role) })) } : {}),
          ...(password ? { password: await hashPassword(password) } : {}),
          ...(disabled == null ? {} : { isDisabled: disabled }),
        },
        at,
      );
    },
    'login',
  );
  return { account: done, userErrors };
}

async function createdToken(context: Context, input: unknown) {
  const { viewer } = context;
  const { done, userErrors } = await attempt(
    context,
    ownAccountOf,
    async ({ store, at }) => {
      const parsed = check(TokenInput, input);
      if (!parsed.ok) return parsed.userErrors;
      const { name, scopes, sources, expiresInDays } = parsed.value;
      const known = new Set((await allSources(context.store, viewer)).map(({ slug }) => slug));
      const unknown = sources?.find((slug) => !known.has(slug));
      if (unknown !== undefined) return [errorOf('INVALID', `No source is called "${unknown}".`, 'sources')];
      const { secret, hash, hint } = createSecret('token');
      const token = await createToken(
        store,
        viewer,
        {
          ...{ hash, hint, name },
          scopes: scopes.map((one) => keyOf(SCOPE, one)),
          sources: sources ?? null,
          expiresAt: at + expiresInDays * DAY,
        },
        at,
      );
      return { secret, token };
    },
    'name',
  );
  return { secret: done?.secret ?? null, token: done?.token ?? null, userErrors };
}

async function changedPassword(context: Context, { current, password }: { current: string; password: string }) {
  const { viewer } = context;
  const { done, userErrors } = await attempt<AccountRow>(
    context,
    ownAccountOf,
    async ({ store, at }) => {
      const { accountId, login } = ownAccountOf(viewer);
      const known = await passwordOf(store, login);
      if (!known) return [errorOf('CONFLICT', 'This account signs in elsewhere and has no password here.', 'current')];
      if (!(await isPassword(current, known.password)))
        return [errorOf('INVALID', 'This is not the password that you have now.', 'current')];
      const problem = passwordProblem(password, login);
      if (problem) return [errorOf('INVALID', problem, 'password')];
      const keep = Buffer.from((viewer.kind === 'person' && viewer.credential?.id) || '', 'hex');
      await setPassword(store, { accountId, login, keep }, await hashPassword(password), at);
      const account = await getAccount(store, viewer, login);
      if (!account) throw new Error(`the account ${login} is gone`);
      return account;
    },
    'password',
  );
  return { account: done, userErrors };
}

const isThis = ({ credential }: { credential?: { id: string } }, { hash }: SessionRow) =>
  credential?.id === Buffer.from(hash).toString('hex');

const loginOf = (viewer: Viewer) => (viewer.kind === 'person' && viewer.accountId !== undefined ? viewer.login : null);

export const access: Pick<
  Resolvers,
  | 'Query'
  | 'Mutation'
  | 'Viewer'
  | 'Account'
  | 'Membership'
  | 'AccessToken'
  | 'Session'
  | 'AccountConnection'
  | 'AccessTokenConnection'
> = {
  Query: {
    async accounts(_, args, { store, viewer }) {
      const found = await listAccounts(store, viewer, readPage(args, ['text']));
      return found && toConnection(found, accountKey, {}, async () => found.count);
    },
    account: (_, { login }, { store, viewer }) => getAccount(store, viewer, login),
    accessTokens: (_, args, context) => (isAdmin(context.viewer) ? tokensOf(context, args, true) : null),
  },
  Mutation: {
    createToken: (_, { input }, context) => createdToken(context, input),
    async revokeToken(_, { input }, context) {
      const { done, userErrors } = await attempt<TokenRow>(
        context,
        ownAccountOf,
        async ({ store, at }) =>
          revokeToken(store, context.viewer, hashIn(input.id, 'AccessToken') ?? Buffer.alloc(0), at),
        'id',
      );
      return { token: done, userErrors };
    },
    saveAccount: (_, { input }, context) => savedAccount(context, input),
    changePassword: (_, { input }, context) => changedPassword(context, input),
    async endSession(_, { input }, context) {
      const { userErrors } = await attempt<true>(
        context,
        ownAccountOf,
        async ({ store, at }) => {
          await endOwnSession(store, context.viewer, hashIn(input.id, 'Session') ?? Buffer.alloc(0), at);
          return true;
        },
        'id',
      );
      return { sessions: await sessionsOf(context), userErrors };
    },
  },
  Viewer: {
    isSetup: (_, __, { viewer }) => viewer.kind === 'person' && viewer.isSetup === true,
    account(_, __, { store, viewer }) {
      const login = loginOf(viewer);
      return login === null ? null : getAccount(store, viewer, login);
    },
    tokens: (_, args, context) => tokensOf(context, args, false),
    sessions: (_, __, context) => sessionsOf(context),
  },
  Account: { id: ({ login }) => toNodeId('Account', login), role: ({ role }) => ROLE[role] },
  Membership: { role: ({ role }) => ROLE[role] },
  AccessToken: {
    id: ({ hash }) => toNodeId('AccessToken', Buffer.from(hash).toString('hex')),
    scopes: ({ scopes }) => scopes.map((scope) => SCOPE[scope]),
  },
  Session: {
    id: ({ hash }) => toNodeId('Session', Buffer.from(hash).toString('hex')),
    isThis: (row, _, { viewer }) => viewer.kind === 'person' && isThis(viewer, row),
  },
  AccountConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
  },
  AccessTokenConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
  },
};
