/** Accounts that a provider vouches for: known by its address and its own name for the person, never by their login. */
import type { Micros } from '#schema/records.ts';
import type { Membership, Role } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict } from './error.ts';
import type { Sql, Store } from './store.ts';
import { fromStored, toStored } from './text.ts';

export type Vouched = {
  issuer: string;
  subject: string;
  /** Null: what is known stays. */
  name: string | null;
  role: Role;
  teams: Membership[];
};

export type VouchedAccount = { id: number; login: string; isDisabled: boolean };

type Stored = {
  id: number;
  login: string;
  name: string | null;
  role: Role;
  teams: string;
  disabledAt: Micros | null;
};

/**
 * The account of whoever signs in, as the provider tells it now; a new one under the first of `logins` that nobody has,
 * and of the tokens of the configuration none either (`reserved`).
 * @throws Conflict when all of them are taken.
 */
export async function enterVouched(
  store: Store,
  vouched: Vouched,
  { logins, reserved }: { logins: Iterable<string>; reserved: ReadonlySet<string> },
  at: Micros,
): Promise<VouchedAccount> {
  const { sql } = store;
  return await store.transaction(
    async () => {
      const known = await accountBy(sql, vouched);
      if (known) {
        await change(sql, known, vouched, at);
        return { id: known.id, login: known.login, isDisabled: known.disabledAt !== null };
      }
      for (const login of logins) {
        if (reserved.has(login) || (await sql.get('SELECT 1 AS one FROM account WHERE login = ?', login))) continue;
        return { id: await add(sql, login, vouched, at), login, isDisabled: false };
      }
      throw new Conflict('every login that would fit is taken');
    },
    { alone: true },
  );
}

/** What its groups make of an account now. */
export async function changeVouched(store: Store, vouched: Vouched, at: Micros): Promise<void> {
  const { sql } = store;
  await store.transaction(
    async () => {
      const known = await accountBy(sql, vouched);
      if (known) await change(sql, known, vouched, at);
    },
    { alone: true },
  );
}

async function accountBy(sql: Sql, { issuer, subject }: Vouched): Promise<Stored | null> {
  return (
    (await sql.get<Stored>(
      `SELECT id, login, name, role, teams, disabled_at AS "disabledAt" FROM account WHERE issuer = ? AND subject = ?`,
      ...[toStored(issuer), toStored(subject)],
    )) ?? null
  );
}

async function add(sql: Sql, login: string, vouched: Vouched, at: Micros): Promise<number> {
  const { issuer, subject, name, role, teams } = vouched;
  const row = await sql.get<{ id: number }>(
    `INSERT INTO account (login, name, role, teams, issuer, subject, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    ...[login, name && toStored(name), role, JSON.stringify(teams), toStored(issuer), toStored(subject), at],
  );
  if (!row) throw new Error(`no number for the account ${login}`);
  await recordEvent(sql, {
    ...{ at, actor: login, action: 'account.add', target: login, before: null },
    after: { name, role, teams, issuer, subject },
  });
  return row.id;
}

async function change(
  sql: Sql,
  known: Stored,
  { issuer, name: given, role, teams }: Vouched,
  at: Micros,
): Promise<void> {
  const text = JSON.stringify(teams);
  const name = given === null ? known.name : toStored(given);
  if (known.role === role && known.teams === text && known.name === name) return;
  await sql.run('UPDATE account SET name = ?, role = ?, teams = ? WHERE id = ?', name, role, text, known.id);
  const told = (one: Pick<Stored, 'name' | 'role' | 'teams'>) => ({
    ...{ name: one.name && fromStored(one.name), role: one.role },
    teams: JSON.parse(one.teams) as Membership[],
  });
  await recordEvent(sql, {
    ...{ at, actor: issuer, action: 'account.groups', target: known.login },
    ...{ before: told(known), after: told({ name, role, teams: text }) },
  });
}
