/** Somebody with an account, without the page to sign in at and what its password costs. */
import { createSecret } from '#api/secret.ts';
import type { Person } from '#schema/viewer.ts';
import { saveAccount } from '#store/account.ts';
import { createToken, revokeToken } from '#store/api-token.ts';
import { personBy } from '#store/credential.ts';
import { startSession } from '#store/session.ts';
import type { Store } from '#store/store.ts';

const now = () => Date.now() * 1000;
const LATER = now() + 3_600e6;
export const ADMIN: Person = { kind: 'person', login: 'root', role: 'admin', teams: [] };

/** An account of the team, with a session and, by it, an access token. */
export async function signedIn(store: Store, login = 'ann') {
  await saveAccount(store, ADMIN, { login, teams: [{ team: 'kernel', role: 'viewer' }] }, now());
  const account = await store.sql.get<{ id: number }>('SELECT id FROM account WHERE login = ?', login);
  if (!account) throw new Error('no account');
  const session = createSecret('session');
  await startSession(store, { hash: session.hash, accountId: account.id, login, agent: null, expiresAt: LATER }, now());
  const owner = await personBy(store, 'session', session.hash, now());
  if (!owner) throw new Error('no session');
  const token = createSecret('token');
  const fresh = { hash: token.hash, name: 'a script', hint: 'basalt_pat_x', scopes: ['read' as const], sources: null };
  await createToken(store, owner, { ...fresh, expiresAt: LATER }, now());
  return { owner, session, token, revoke: () => revokeToken(store, owner, token.hash, now()) };
}
