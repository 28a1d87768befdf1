/** Sessions and access tokens, by the SHA-256 of what is shown: who shows it, and what by it he may. */
import type { Micros } from '#schema/records.ts';
import type { Credential, Membership, Person, Role, Scope } from '#schema/viewer.ts';
import type { Engine, Store } from './store.ts';
import { toStored } from './text.ts';

const HASHES: Record<Engine, string> = {
  sqlite: '(SELECT unhex(value) FROM json_each(?))',
  postgres: "(SELECT decode(value, 'hex') FROM json_array_elements_text(CAST(? AS json)))",
};

/** Who vouches for accounts that are kept elsewhere; sessions that he has not vouched for since then are none. */
export type VouchedBy = { issuer: string; since: Micros };

type Shown = {
  kind: Credential['kind'];
  hash: Uint8Array;
  login: string;
  role: Role;
  teams: string;
  accountId: number;
  scopes: string | null;
  sources: string | null;
  issuer: string | null;
};

const TABLES: Readonly<Record<Credential['kind'], { name: string; limits: string; counts: string; vouched: string }>> =
  {
    session: { name: 'session', limits: 'NULL AS scopes, NULL AS sources', counts: '', vouched: 'c.checked_at > ?' },
    token: {
      ...{ name: 'api_token', limits: 'c.scopes, c.sources', counts: 'AND c.revoked_at IS NULL' },
      vouched: 'EXISTS (SELECT 1 FROM session v WHERE v.account_id = a.id AND v.checked_at > ? AND v.expires_at > ?)',
    },
  };

/** Null when it is none, or none any more. Accounts kept elsewhere are known only where it is said who vouches for them. */
export async function personBy(
  store: Pick<Store, 'sql' | 'engine'>,
  kind: Credential['kind'],
  hash: Uint8Array,
  now: Micros,
  vouchedBy: VouchedBy | null = null,
): Promise<Person | null> {
  const credential = { kind, id: Buffer.from(hash).toString('hex') };
  return (await peopleBy(store, [credential], now, vouchedBy)).get(credentialKey(credential)) ?? null;
}

export const credentialKey = ({ kind, id }: Credential): string => `${kind} ${id}`;

/** One query, however many are asked for. By `credentialKey`; those that are none any more are missing. */
export async function peopleBy(
  { sql, engine }: Pick<Store, 'sql' | 'engine'>,
  credentials: readonly Credential[],
  now: Micros,
  vouchedBy: VouchedBy | null = null,
): Promise<Map<string, Person>> {
  const parts = (['session', 'token'] as const).flatMap((kind) => {
    const ids = credentials.filter((one) => one.kind === kind).map(({ id }) => id);
    if (ids.length === 0) return [];
    const { name, limits, counts, vouched } = TABLES[kind];
    const isVouched = vouchedBy ? `OR (a.issuer = ? AND ${vouched})` : '';
    const text = `SELECT '${kind}' AS kind, c.hash, a.login, a.role, a.teams, a.id AS "accountId", a.issuer, ${limits}
      FROM ${name} c JOIN account a ON a.id = c.account_id
      WHERE c.hash IN ${HASHES[engine]} AND c.expires_at > ? AND a.disabled_at IS NULL ${counts}
        AND (a.issuer IS NULL ${isVouched})`;
    const by = vouchedBy ? [toStored(vouchedBy.issuer), vouchedBy.since, ...(kind === 'token' ? [now] : [])] : [];
    return [{ text, values: [JSON.stringify(ids), now, ...by] }];
  });
  const rows = await sql.all<Shown>(
    parts.map(({ text }) => text).join(' UNION ALL '),
    ...parts.flatMap(({ values }) => values),
  );
  return new Map(rows.map(toPerson).map((person) => [credentialKey(person.credential), person]));
}

function toPerson({ kind, hash, login, role, teams, accountId, scopes, sources, issuer }: Shown) {
  const memberships = JSON.parse(teams) as Membership[];
  return {
    kind: 'person' as const,
    login,
    role,
    teams: memberships.map(({ team }) => team),
    teamRoles: memberships,
    accountId,
    credential: { kind, id: Buffer.from(hash).toString('hex') },
    ...(scopes === null ? {} : { scopes: JSON.parse(scopes) as Scope[] }),
    ...(sources === null ? {} : { sources: JSON.parse(sources) as string[] }),
    ...(issuer === null ? {} : { isVouched: true }),
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
