/** Accounts of people: who they are, what they may do, and in which teams. Only admins see and change those of others. */
import type { Micros } from '#schema/records.ts';
import type { Membership, Person, Role, Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import type { Sql, Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { accessAdminOf, isAdmin } from './visibility.ts';

export type AccountRow = {
  id: number;
  login: string;
  name: string | null;
  role: Role;
  teams: Membership[];
  hasPassword: boolean;
  /** Who vouches for it; null of a local account. */
  issuer: string | null;
  createdAt: Micros;
  disabledAt: Micros | null;
  signedInAt: Micros | null;
};

/** What an admin gives; what is left out stays. `password` is already hashed. */
export type AccountChange = {
  login: string;
  name?: string | null;
  role?: Role;
  teams?: Membership[];
  password?: string;
  isDisabled?: boolean;
};

type Stored = Omit<AccountRow, 'teams' | 'hasPassword'> & { teams: string; hasPassword: number };

const COLUMNS = `id, login, name, role, teams, (password IS NOT NULL) AS "hasPassword", issuer, created_at AS "createdAt",
  disabled_at AS "disabledAt", signed_in_at AS "signedInAt"`;

const toRow = ({ teams, hasPassword, name, ...row }: Stored): AccountRow => ({
  ...row,
  name: name === null ? null : fromStored(name),
  teams: JSON.parse(teams) as Membership[],
  hasPassword: Boolean(hasPassword),
});

/** Whether somebody may sign in as an admin. */
export async function hasAdmin({ sql }: Pick<Store, 'sql'>): Promise<boolean> {
  const row = await sql.get(
    `SELECT 1 FROM account WHERE role = 'admin' AND disabled_at IS NULL AND (password IS NOT NULL OR issuer IS NOT NULL)`,
  );
  return row !== undefined;
}

/** Whether somebody may sign in by a password. */
export async function hasPasswords({ sql }: Pick<Store, 'sql'>): Promise<boolean> {
  const row = await sql.get('SELECT 1 FROM account WHERE password IS NOT NULL AND disabled_at IS NULL LIMIT 1');
  return row !== undefined;
}

/**
 * The account of whoever sets Basalt up. Give its password hashed.
 * @throws Conflict when there is an admin: only one can be first.
 */
export async function addFirstAdmin(
  store: Store,
  { login, password }: { login: string; password: string },
  at: Micros,
): Promise<number> {
  return await store.transaction(
    async () => {
      if (await hasAdmin(store)) throw new Conflict('Basalt is set up already: sign in, or ask its admin.');
      return await write(store.sql, 'setup', null, { login, password, role: 'admin' }, at);
    },
    { alone: true },
  );
}

/** By login. Null unless an admin asks. */
export async function listAccounts(
  store: Store,
  viewer: Viewer,
  page: PageRequest,
): Promise<(Page<AccountRow> & { count: number }) | null> {
  if (!isAdmin(viewer)) return null;
  const rows = (await store.sql.all<Stored>(`SELECT ${COLUMNS} FROM account ORDER BY login`)).map(toRow);
  return { ...pageOf(rows, ({ login }) => login, page), count: rows.length };
}

/** One's own account, or for an admin anybody's. */
export async function getAccount({ sql }: Store, viewer: Viewer, login: string): Promise<AccountRow | null> {
  if (viewer.kind !== 'person' || (viewer.login !== login && !isAdmin(viewer))) return null;
  const row = await accountOf(sql, login);
  return row && (isAdmin(viewer) || row.id === viewer.accountId) ? row : null;
}

/**
 * Makes or changes an account. A person who is disabled, or whose password was given anew, is signed out everywhere.
 * @throws Forbidden unless an admin asks.
 * @throws Conflict when nobody could administer Basalt afterwards, or a password, a role or teams are given to one who signs in elsewhere.
 */
export async function saveAccount(
  store: Store,
  viewer: Viewer,
  change: AccountChange,
  at: Micros,
): Promise<AccountRow> {
  const actor = accessAdminOf(viewer);
  return await store.transaction(
    async () => {
      const { sql } = store;
      const before = await accountOf(sql, change.login);
      if (before?.issuer && change.password)
        throw new Conflict(`"${change.login}" signs in at ${before.issuer}, and has no password here`);
      const isOfGroups = before?.issuer && !isSame(before, change);
      if (isOfGroups)
        throw new Conflict(`what "${change.login}" may comes from its groups at ${before.issuer}: change it there`);
      const mayHaveBeenLast = before?.role === 'admin' && before.disabledAt === null;
      await write(sql, actor, before, change, at);
      if (mayHaveBeenLast && !(await hasAdmin(store)))
        throw new Conflict(`"${change.login}" is the last admin: make somebody else an admin first`);
      const after = await accountOf(sql, change.login);
      if (!after) throw new NotFound(`no account is called "${change.login}"`);
      return after;
    },
    { alone: true },
  );
}

/** Gives one's own account another password, hashed; its other sessions end. */
export async function setPassword(
  store: Store,
  { accountId, login, keep }: { accountId: number; login: string; keep: Uint8Array },
  password: string,
  at: Micros,
): Promise<void> {
  const { sql } = store;
  await store.transaction(async () => {
    await sql.run('UPDATE account SET password = ? WHERE id = ?', password, accountId);
    await sql.run('DELETE FROM session WHERE account_id = ? AND hash <> ?', accountId, keep);
    await recordEvent(sql, { at, actor: login, action: 'account.password', target: login, before: null, after: null });
  });
}

/** What a password is compared with; null where there is no such local account that may sign in. */
export async function passwordOf(
  { sql }: Pick<Store, 'sql'>,
  login: string,
): Promise<{ id: number; password: string } | null> {
  return (
    (await sql.get<{ id: number; password: string }>(
      'SELECT id, password FROM account WHERE login = ? AND password IS NOT NULL AND disabled_at IS NULL',
      login,
    )) ?? null
  );
}

/** Who an account is, for what is done in its name without it being there; null when it cannot sign in any more. */
export async function personOf({ sql }: Pick<Store, 'sql'>, accountId: number): Promise<Person | null> {
  const row = await sql.get<{ login: string; role: Role; teams: string; issuer: string | null }>(
    'SELECT login, role, teams, issuer FROM account WHERE id = ? AND disabled_at IS NULL',
    accountId,
  );
  if (!row) return null;
  const memberships = JSON.parse(row.teams) as Membership[];
  const teams = memberships.map(({ team }) => team);
  const vouched = row.issuer === null ? {} : { isVouched: true };
  return { kind: 'person', login: row.login, role: row.role, teams, teamRoles: memberships, accountId, ...vouched };
}

async function accountOf(sql: Sql, login: string): Promise<AccountRow | null> {
  const row = await sql.get<Stored>(`SELECT ${COLUMNS} FROM account WHERE login = ?`, login);
  return row ? toRow(row) : null;
}

/** Whether a change leaves what the account may. */
const isSame = (before: AccountRow, { role = before.role, teams = before.teams }: AccountChange): boolean => {
  const textOf = (given: readonly Membership[]) => JSON.stringify(given.map((one) => [one.team, one.role]).sort());
  return role === before.role && textOf(teams) === textOf(before.teams);
};

const told = (row: Pick<AccountRow, 'name' | 'role' | 'teams' | 'disabledAt'> | null) =>
  row && { name: row.name, role: row.role, teams: row.teams, disabled: row.disabledAt !== null };

async function write(
  sql: Sql,
  actor: string,
  before: AccountRow | null,
  change: AccountChange,
  at: Micros,
): Promise<number> {
  const after = {
    name: change.name === undefined ? (before?.name ?? null) : change.name,
    role: change.role ?? before?.role ?? 'viewer',
    teams: change.teams ?? before?.teams ?? [],
    disabledAt: (change.isDisabled ?? before?.disabledAt != null) ? (before?.disabledAt ?? at) : null,
  };
  const cells = [after.name && toStored(after.name), after.role, JSON.stringify(after.teams), after.disabledAt];
  const row = await sql.get<{ id: number }>(
    `INSERT INTO account (login, name, role, teams, disabled_at, password, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (login) DO UPDATE SET name = excluded.name, role = excluded.role, teams = excluded.teams,
       disabled_at = excluded.disabled_at, password = COALESCE(excluded.password, account.password) RETURNING id`,
    ...[change.login, ...cells, change.password ?? null, at],
  );
  if (!row) throw new Error(`no number for the account ${change.login}`);
  if (after.disabledAt !== null || change.password) await sql.run('DELETE FROM session WHERE account_id = ?', row.id);
  await recordEvent(sql, {
    ...{ at, actor, action: before ? 'account.change' : 'account.add', target: change.login },
    before: told(before),
    after: { ...told(after), ...(change.password ? { password: 'set' } : {}) },
  });
  return row.id;
}
