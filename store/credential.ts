/** Sessions and access tokens, by the SHA-256 of what is shown: who shows it, and what by it he may. */
import type { Micros } from '#schema/records.ts';
import type { Credential, Membership, Person, Role, Scope } from '#schema/viewer.ts';
import type { Store } from './store.ts';

type Shown = {
  login: string;
  role: Role;
  teams: string;
  accountId: number;
  scopes: string | null;
  sources: string | null;
};

const QUERIES: Readonly<Record<Credential['kind'], string>> = {
  session: `SELECT a.login, a.role, a.teams, a.id AS "accountId", NULL AS scopes, NULL AS sources
    FROM session c JOIN account a ON a.id = c.account_id
    WHERE c.hash = ? AND c.expires_at > ? AND a.disabled_at IS NULL`,
  token: `SELECT a.login, a.role, a.teams, a.id AS "accountId", c.scopes, c.sources
    FROM api_token c JOIN account a ON a.id = c.account_id
    WHERE c.hash = ? AND c.expires_at > ? AND c.revoked_at IS NULL AND a.disabled_at IS NULL`,
};

/** Null when it is none, or none any more. */
export async function personBy(
  { sql }: Pick<Store, 'sql'>,
  kind: Credential['kind'],
  hash: Uint8Array,
  now: Micros,
): Promise<Person | null> {
  const row = await sql.get<Shown>(QUERIES[kind], hash, now);
  if (!row) return null;
  const memberships = JSON.parse(row.teams) as Membership[];
  return {
    kind: 'person',
    login: row.login,
    role: row.role,
    teams: memberships.map(({ team }) => team),
    teamRoles: memberships,
    accountId: row.accountId,
    credential: { kind, id: Buffer.from(hash).toString('hex') },
    ...(row.scopes === null ? {} : { scopes: JSON.parse(row.scopes) as Scope[] }),
    ...(row.sources === null ? {} : { sources: JSON.parse(row.sources) as string[] }),
  };
}

/** That they were used: the newest use of each, by the hash in hex. */
export async function noteUses(
  store: Store,
  kind: Credential['kind'],
  uses: ReadonlyMap<string, Micros>,
): Promise<void> {
  const table = kind === 'session' ? 'session' : 'api_token';
  await store.transaction(async () => {
    for (const [id, at] of uses) {
      await store.sql.run(
        `UPDATE ${table} SET used_at = ? WHERE hash = ? AND (used_at IS NULL OR used_at < ?)`,
        ...[at, Buffer.from(id, 'hex'), at],
      );
    }
  });
}
