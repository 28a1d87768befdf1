/** Who asks, from `Authorization: Bearer <token>`. Without one: a visitor. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import { LRUCache } from 'lru-cache';
import { ANONYMOUS, type Credential, type Person, type Role, type Viewer } from '#schema/viewer.ts';
import { hasAdmin } from '#store/account.ts';
import { noteUses, personBy } from '#store/credential.ts';
import type { Store } from '#store/store.ts';
import { hashOf, readSecret } from './secret.ts';
import type { SourceDesk } from './source-desk.ts';
import { NO_VOUCHING, type Vouching } from './vouching.ts';

/** A token of the configuration; `isSetup`: counts until somebody has an account as an admin. */
export type AccessToken = { login: string; token: string; teams: string[]; role: Role; isSetup?: boolean };

/** The token is none of this Basalt's. */
export class UnknownToken extends Error {
  override name = 'UnknownToken';
}

/** @throws UnknownToken */
export type ViewerOf = (authorization: string | undefined) => Promise<Viewer>;

const NOTE_EVERY_MS = 60_000;

/** Compares with every token of the configuration, so that time tells nothing. */
export function createViewerOf(
  store: Store,
  access: readonly AccessToken[],
  uses: Uses,
  now: () => number,
  vouching: Vouching = NO_VOUCHING,
): ViewerOf {
  const known = access.map(({ token, login, teams, role, isSetup }) => ({
    who: { kind: 'person', login, teams, role, ...(isSetup ? { isSetup } : {}) } satisfies Person as Person,
    hash: hashOf(token),
  }));
  return async (authorization) => {
    if (authorization === undefined || authorization === '') return ANONYMOUS;
    const given = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    if (!given) throw new UnknownToken('Send "Authorization: Bearer <token>", or no Authorization at all.');
    const asked = hashOf(given);
    let found: Person | null = null;
    for (const { who, hash: mine } of known) if (timingSafeEqual(mine, asked)) found = who;
    if (found?.isSetup && (await hasAdmin(store))) found = null;
    const shown = found ? null : readSecret(given);
    if (shown) {
      const credential = { kind: shown.kind, id: shown.hash.toString('hex') };
      const by = vouching.by();
      found = await personBy(store, shown.kind, shown.hash, now(), by);
      if (found ? found.isVouched && vouching.isDue(credential) : by) found = await vouching.confirm(credential);
      if (found) uses.note(shown.kind, credential.id, now());
    }
    if (!found)
      throw new UnknownToken('The token is not known here, or not any more: ask the admin of this Basalt for one.');
    return found;
  };
}

export type Uses = { note(kind: Credential['kind'], id: string, at: number): void; close(): Promise<void> };

/** When credentials were last used: written once a minute at most, and never while somebody waits. */
export function createUses(desk: SourceDesk | null, log: FastifyBaseLogger): Uses {
  const recent = {
    session: new LRUCache<string, number>({ max: 10_000 }),
    token: new LRUCache<string, number>({ max: 10_000 }),
  };
  let timer: NodeJS.Timeout | null = null;
  const write = async () => {
    timer = null;
    try {
      const store = await desk?.openImpatiently();
      for (const kind of ['session', 'token'] as const) {
        const uses = new Map(recent[kind].entries());
        recent[kind].clear();
        if (store && uses.size > 0) await noteUses(store, kind, uses);
      }
    } catch (err) {
      log.warn({ err }, 'when tokens were last used could not be written');
    }
  };
  return {
    note(kind, id, at) {
      recent[kind].set(id, at);
      if (desk) timer ??= setTimeout(() => void write(), NOTE_EVERY_MS).unref();
    },
    async close() {
      if (!timer) return;
      clearTimeout(timer);
      await write();
    },
  };
}
