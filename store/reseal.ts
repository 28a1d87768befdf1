/** Every secret that the store keeps, sealed anew with the key of now, so that those of before can be thrown away. */
import type { Micros } from '#schema/records.ts';
import { callbackPlace, listAddedSources, sealedPlace } from './added-source.ts';
import { recordEvent } from './audit-event.ts';
import { listSealedWebhooks, secretPlace } from './feed-subscription.ts';
import type { Store, Value } from './store.ts';
import { NoKey, type Vault } from './vault.ts';
import { listVouchedSeals, vouchedPlace } from './vouched-session.ts';

/** `lost`: those that none of the keys opens, by what they are for. They are left as they are. */
export type Resealed = { what: string; count: number; lost: string[] };

type Kind = {
  what: string;
  table: string;
  column: string;
  /** Of the row, beside the column that is sealed. */
  key: string;
  rows(store: Store): Promise<Sealed[]>;
};
type Sealed = { key: Value; name: string; place: string; sealed: Uint8Array | null };

const KINDS: readonly Kind[] = [
  {
    ...{ what: 'tokens of sources', table: 'added_source', column: 'token', key: 'slug' },
    rows: async (store) =>
      (await listAddedSources(store)).map((one) => ({
        ...{ key: one.slug, name: one.slug, place: sealedPlace(one), sealed: one.token },
      })),
  },
  {
    ...{ what: 'tokens of callbacks', table: 'added_source', column: 'callback_token', key: 'slug' },
    rows: async (store) =>
      (await listAddedSources(store)).map((one) => ({
        ...{ key: one.slug, name: one.slug, place: callbackPlace(one), sealed: one.callbackToken },
      })),
  },
  {
    ...{ what: 'sessions by an OpenID provider', table: 'session', column: 'refresh', key: 'hash' },
    rows: async (store) =>
      (await listVouchedSeals(store)).map(({ hash, login, issuer, sealed }) => ({
        ...{ key: hash, name: login, place: vouchedPlace(issuer, hash), sealed },
      })),
  },
  {
    ...{ what: 'keys of webhooks', table: 'feed_subscription', column: 'secret', key: 'key' },
    rows: async (store) =>
      (await listSealedWebhooks(store)).map(({ key, url, secret }) => ({
        ...{ key, name: key, place: secretPlace({ key, url }), sealed: secret },
      })),
  },
];

/** Can run beside servers: what one of them seals meanwhile is left to it. */
export async function reseal(store: Store, vault: Vault, actor: string, at: Micros): Promise<Resealed[]> {
  return await store.transaction(
    async () => {
      const done: Resealed[] = [];
      for (const kind of KINDS) done.push(await resealKind(store, vault, kind));
      const after = Object.fromEntries(done.map(({ what, count }) => [what, count]));
      await recordEvent(store.sql, { at, actor, action: 'secrets.reseal', target: 'store', before: null, after });
      return done;
    },
    { alone: true },
  );
}

async function resealKind(store: Store, vault: Vault, { what, table, column, key, rows }: Kind): Promise<Resealed> {
  const result: Resealed = { what, count: 0, lost: [] };
  for (const { key: id, name, place, sealed } of await rows(store)) {
    if (sealed === null) continue;
    try {
      const anew = vault.seal(vault.open(sealed, place), place);
      await store.sql.run(`UPDATE ${table} SET ${column} = ? WHERE ${key} = ? AND ${column} = ?`, anew, id, sealed);
      result.count += 1;
    } catch (cause) {
      if (!(cause instanceof NoKey)) throw cause;
      result.lost.push(name);
    }
  }
  return result;
}
