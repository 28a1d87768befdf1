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

/** One's own, or for an admin anybody's. */
export async function getMailAddress(store: Store, viewer: Viewer, accountId: number): Promise<string | null> {
  const mayKnow = isAdmin(viewer) || (viewer.kind === 'person' && viewer.accountId === accountId);
  return mayKnow ? mailAddressOf(store, accountId) : null;
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
