/**
 * Asks the provider again about whoever is signed in by it: when something is asked in his name, or is open for him, and
 * the last answer is older than the interval. What it says then holds for all his sessions and tokens.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Credential, Person } from '#schema/viewer.ts';
import { credentialKey, peopleBy, type VouchedBy } from '#store/credential.ts';
import { StoreUnavailable } from '#store/error.ts';
import type { Store } from '#store/store.ts';
import { NoKey, type Vault } from '#store/vault.ts';
import { changeVouched } from '#store/vouched-account.ts';
import {
  endVouched,
  keepSeal,
  takeTurn,
  type VouchedSession,
  vouchedPlace,
  vouchedSessions,
  vouchedSessionsOf,
} from '#store/vouched-session.ts';
import { grantedBy } from './granted.ts';
import type { OidcSettings } from './oidc-config.ts';
import { type Held, NotVouched, type Provider, ProviderFailure } from './provider.ts';
import type { SourceDesk } from './source-desk.ts';

/** After no answer, the next question. */
const RETRY_US = 30e6;
/** Longer than a question takes: whoever was asking has died. */
const TURN_US = 60e6;
/** While another process asks. */
const LOOK_MS = 250;
const MOST_LOOKS = 20;
const TURN_LOOK_US = 2e6;

export type Vouching = {
  /** Whom accounts are vouched for by, and since when at the latest; null where all accounts are kept here. */
  by(): VouchedBy | null;
  /** Whether it is time to ask about whoever shows this. */
  isDue(credential: Credential): boolean;
  /** Asks, where it is time; who it is then, null when nobody any more. */
  confirm(credential: Credential): Promise<Person | null>;
  /** Asks about an account by one of its sessions, where it is time: for what is done in its name while nobody shows anything. */
  vouchesFor(accountId: number): Promise<boolean>;
};

declare module 'fastify' {
  interface FastifyInstance {
    vouchesFor: Vouching['vouchesFor'];
  }
}

/** Where all accounts are kept here. */
export const NO_VOUCHING: Vouching = {
  by: () => null,
  isDue: () => false,
  confirm: async () => null,
  vouchesFor: async () => false,
};

const Sealed = z.object({
  refresh: z.string().nullable(),
  access: z.string().nullable(),
  idToken: z.string().nullable(),
  groupsFrom: z.enum(['userinfo', 'ID token']).nullable().default(null),
  /** Until when somebody is asking: two who use one refresh token are taken for thieves. Microseconds. */
  turnUntil: z.number(),
});

export const sealHeld = (vault: Vault, issuer: string, hash: Uint8Array, held: Held, turnUntil = 0): Buffer =>
  vault.seal(JSON.stringify({ ...held, turnUntil }), vouchedPlace(issuer, hash));

/** @throws NoKey */
export const openHeld = (vault: Vault, issuer: string, hash: Uint8Array, sealed: Uint8Array): z.infer<typeof Sealed> =>
  Sealed.parse(JSON.parse(vault.open(sealed, vouchedPlace(issuer, hash))));

type Options = {
  settings: OidcSettings;
  provider: Provider;
  store: Store;
  desk: SourceDesk;
  log: FastifyBaseLogger;
  now: () => number;
};

export function createVouching({ settings, provider, store, desk, log, now }: Options): Vouching {
  const { issuer } = settings;
  const every = settings.refreshMinutes * 60e6;
  const longest = every + settings.graceMinutes * 60e6;
  /** When to look again, by the key of what is shown. */
  const next = new LRUCache<string, number>({ max: 20_000 });
  const running = new Map<string, Promise<number | null>>();

  const by = (): VouchedBy => ({ issuer, since: now() - longest });

  const end = async (session: VouchedSession, because: string, everywhere: boolean): Promise<null> => {
    await endVouched(await desk.open(), session, { because, issuer, everywhere }, now());
    return null;
  };
  const silent = async (session: VouchedSession, cause: Error): Promise<number | null> => {
    log.warn(
      { because: cause.message, login: session.login },
      'the provider did not answer for somebody who is signed in',
    );
    if (session.checkedAt <= now() - longest) return end(session, 'the provider has not answered for too long', false);
    return now() + RETRY_US;
  };
  /** Asks about one session; when to ask again, null when it has ended. */
  const ask = async (session: VouchedSession): Promise<number | null> => {
    const { hash, subject } = session;
    try {
      const { turnUntil, ...held } = openHeld(desk.vault, issuer, hash, session.sealed);
      if (turnUntil > now()) return now() + TURN_LOOK_US;
      const writing = await desk.open();
      const mine = sealHeld(desk.vault, issuer, hash, held, now() + TURN_US);
      if (!(await takeTurn(writing, session, mine))) return now() + TURN_LOOK_US;
      let last: Held = held;
      const keep = async (fresh: Held) => {
        last = fresh;
        await keepSeal(writing, hash, sealHeld(desk.vault, issuer, hash, fresh, now() + TURN_US), null);
      };
      const told = await provider.again(subject, held, keep).catch(async (cause: unknown) => {
        // It keeps what it may be asked by, for the next question.
        if (cause instanceof ProviderFailure)
          await keepSeal(writing, hash, sealHeld(desk.vault, issuer, hash, last), null);
        throw cause;
      });
      const granted = grantedBy(told.groups, settings);
      if (!granted) return await end(session, 'none of its groups may sign in', true);
      await changeVouched(writing, { issuer, subject, name: told.name, ...granted }, now());
      await keepSeal(writing, hash, sealHeld(desk.vault, issuer, hash, told.held), now());
      return now() + every;
    } catch (cause) {
      if (cause instanceof NotVouched) return end(session, 'the provider does not vouch for it any more', false);
      if (cause instanceof NoKey) return end(session, 'the key that sealed it is not there', false);
      if (cause instanceof ProviderFailure) return silent(session, cause);
      throw cause;
    }
  };
  const askOnce = (session: VouchedSession): Promise<number | null> => {
    const key = Buffer.from(session.hash).toString('hex');
    const under = running.get(key) ?? ask(session).finally(() => running.delete(key));
    running.set(key, under);
    return under;
  };

  /** Whether somebody has the turn to ask about one of its sessions. */
  const isAsked = async (credential: Credential): Promise<boolean> =>
    (await vouchedSessions(await desk.open(), credential, issuer, now())).some(
      ({ hash, sealed }) => openHeld(desk.vault, issuer, hash, sealed).turnUntil > now(),
    );

  return {
    by,
    isDue: (credential) => (next.get(credentialKey(credential)) ?? 0) <= now(),
    async confirm(credential) {
      for (const session of await vouchedSessions(store, credential, issuer, now())) {
        const again = session.checkedAt > now() - every ? session.checkedAt + every : await askOnce(session);
        if (again === null) continue;
        next.set(credentialKey(credential), again);
        break;
      }
      // Where it was written: a standby may not have it yet.
      const find = async () =>
        (await peopleBy(await desk.open(), [credential], now(), by())).get(credentialKey(credential)) ?? null;
      let person = await find();
      // Another process asks for a session whose last answer is too old to count: what it hears is waited for.
      for (let looks = 0; !person && looks < MOST_LOOKS && (await isAsked(credential)); looks++) {
        await wait(LOOK_MS);
        person = await find();
      }
      if (!person && (await isAsked(credential))) throw new StoreUnavailable('The provider that signs people in');
      return person;
    },
    async vouchesFor(accountId) {
      for (const session of await vouchedSessionsOf(store, accountId, issuer, now())) {
        if (session.checkedAt > now() - every) return true;
        if ((await askOnce(session)) !== null) break;
      }
      // Where it was written: what he said just now counts, or what he said last while the grace is not over.
      const asked = await vouchedSessionsOf(await desk.open(), accountId, issuer, now());
      return asked.some(({ checkedAt }) => checkedAt > now() - longest);
    },
  };
}
