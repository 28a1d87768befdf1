/** Where mail for an account goes. An admin says it: nobody has mail sent to others. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { NotFound } from './error.ts';
import type { Store } from './store.ts';
import { accessAdminOf, isAdmin } from './visibility.ts';

/** Null when it has none. */
export async function mailAddressOf({ sql }: Pick<Store, 'sql'>, accountId: number): Promise<string | null> {
  const row = await sql.get<{ address: string }>('SELECT address FROM mail_address WHERE account_id = ?', accountId);
  return row?.address ?? null;
}

/** One's own, and for an admin anybody's. By account. */
export async function getMailAddresses(
  { sql }: Store,
  viewer: Viewer,
  accountIds: readonly number[],
): Promise<Map<number, string>> {
  const own = viewer.kind === 'person' ? viewer.accountId : undefined;
  const ids = isAdmin(viewer) ? accountIds : accountIds.filter((id) => id === own);
  if (ids.length === 0) return new Map();
  const rows = await sql.all<{ id: number; address: string }>(
    `SELECT account_id AS id, address FROM mail_address WHERE account_id IN (${ids.map(() => '?').join(', ')})`,
    ...ids,
  );
  return new Map(rows.map(({ id, address }) => [id, address]));
}

/**
 * Null: none any more.
 * @throws Forbidden unless an admin asks.
 * @throws NotFound when there is no such account.
 */
export async function setMailAddress(
  store: Store,
  viewer: Viewer,
  { login, address }: { login: string; address: string | null },
  at: Micros,
): Promise<void> {
  const actor = accessAdminOf(viewer);
  const { sql } = store;
  await store.transaction(async () => {
    const account = await sql.get<{ id: number }>('SELECT id FROM account WHERE login = ?', login);
    if (!account) throw new NotFound(`no account is called "${login}"`);
    const before = await mailAddressOf(store, account.id);
    if (before === address) return;
    if (address === null) await sql.run('DELETE FROM mail_address WHERE account_id = ?', account.id);
    else
      await sql.run(
        `INSERT INTO mail_address (account_id, address) VALUES (?, ?)
         ON CONFLICT (account_id) DO UPDATE SET address = excluded.address`,
        ...[account.id, address],
      );
    const event = { at, actor, action: 'account.mail', target: login };
    await recordEvent(sql, { ...event, before: before && { address: before }, after: address && { address } });
  });
}
