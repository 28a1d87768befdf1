/** The tables of who may do what: accounts, their sessions and their access tokens. */
import type { Kit } from './kit.sqlite.ts';
import type { Membership, Role, Scope } from './viewer.ts';

export function defineAccessTables({ table, index, uniqueIndex, id, int, micros, text, bytes, json }: Kit) {
  /** A person. One that left is disabled and stays: what it did names it. */
  const account = table(
    'account',
    {
      id: id(),
      login: text().notNull(),
      name: text(),
      role: text().$type<Role>().notNull(),
      teams: json<Membership[]>().notNull(),
      /** See api/password.ts; null of one that signs in elsewhere. */
      password: text(),
      /** Who vouches for it and under which name there; null of a local one. */
      issuer: text(),
      subject: text(),
      createdAt: micros().notNull(),
      disabledAt: micros(),
      signedInAt: micros(),
    },
    (t) => [uniqueIndex('account_login').on(t.login), uniqueIndex('account_subject').on(t.issuer, t.subject)],
  );

  /** A browser that is signed in. */
  const session = table(
    'session',
    {
      /** SHA-256 of what the browser shows. */
      hash: bytes().primaryKey(),
      accountId: int().notNull(),
      /** What the browser calls itself. */
      agent: text(),
      createdAt: micros().notNull(),
      usedAt: micros().notNull(),
      expiresAt: micros().notNull(),
      /** By which the issuer is asked whether the person is still there, sealed; and when it last was. */
      refresh: bytes(),
      checkedAt: micros(),
    },
    (t) => [index('session_account').on(t.accountId)],
  );

  const apiToken = table(
    'api_token',
    {
      /** SHA-256 of the whole token. */
      hash: bytes().primaryKey(),
      accountId: int().notNull(),
      name: text().notNull(),
      /** How it begins: by that its owner knows it again. */
      hint: text().notNull(),
      scopes: json<Scope[]>().notNull(),
      /** Slugs; null: all that its owner sees. */
      sources: json<string[]>(),
      createdAt: micros().notNull(),
      expiresAt: micros().notNull(),
      usedAt: micros(),
      revokedAt: micros(),
    },
    (t) => [index('api_token_account').on(t.accountId)],
  );
  return { account, session, apiToken };
}
