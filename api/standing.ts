/** Open sockets and streams: each is closed once whoever opened it may not do what he might, or may do more. */
import DataLoader from 'dataloader';
import type { FastifyBaseLogger } from 'fastify';
import type { Person, Viewer } from '#schema/viewer.ts';
import { hasAdmin } from '#store/account.ts';
import { credentialKey, peopleBy, type VouchedBy } from '#store/credential.ts';
import type { Store } from '#store/store.ts';
import { NO_VOUCHING, type Vouching } from './vouching.ts';

/** What is revoked reaches what is open within a second. */
const LOOK_MS = 500;
/** Of one person, or of visitors from one address. */
const MOST_OPEN = 100;
/** Told when it is closed. */
const CHANGED = 'Forbidden: the token was revoked, the session has ended or its rights have changed.';

export class TooManyOpen extends Error {
  override name = 'TooManyOpen';
}

export type Opened = {
  /** Whether the viewer may do just what he might when it was opened; closes it otherwise. */
  holds(): Promise<boolean>;
  /** It was closed. */
  leave(): void;
};

export type Standing = {
  /**
   * `close` is called with the reason, at most once.
   * @throws TooManyOpen
   */
  open(who: { viewer: Viewer; ip: string }, close: (reason: string) => void): Opened;
  openCount(): number;
  close(): void;
};

type Entry = { viewer: Viewer; close(): void };

/** However many are open, their credentials are looked up with one query; with none open, not at all. */
export function createStanding(
  store: Store,
  log: FastifyBaseLogger,
  now: () => number,
  vouching: Vouching = NO_VOUCHING,
): Standing {
  const entries = new Set<Entry>();
  const counts = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let isLooking = false;
  const standing = new DataLoader((people: readonly Person[]) => stillSame(store, people, now(), vouching.by()), {
    cache: false,
  });

  const check = async ({ viewer, close }: Entry): Promise<boolean> => {
    if (viewer.kind !== 'person' || (!viewer.credential && !viewer.isSetup)) return true;
    const is = await standing.load(viewer);
    if (!is) close();
    return is;
  };
  /** Waited for by nobody: a provider that is slow keeps no other from being closed. What it says, the next look finds. */
  const confirm = ({ viewer }: Entry) => {
    if (viewer.kind !== 'person' || !viewer.isVouched || !viewer.credential || !vouching.isDue(viewer.credential))
      return;
    vouching.confirm(viewer.credential).catch((err: unknown) => {
      log.warn({ err }, 'whether somebody with an open socket is still vouched for could not be looked up');
    });
  };
  const look = async () => {
    for (const entry of entries) confirm(entry);
    if (isLooking) return;
    isLooking = true;
    try {
      await Promise.all([...entries].map(check));
    } catch (err) {
      // Nothing is sent meanwhile: every event asks the same store.
      log.warn({ err }, 'whether open sockets still may could not be looked up');
    }
    isLooking = false;
  };
  const leave = (entry: Entry, key: string) => {
    if (!entries.delete(entry)) return;
    const left = (counts.get(key) ?? 1) - 1;
    if (left > 0) counts.set(key, left);
    else counts.delete(key);
    if (entries.size > 0 || !timer) return;
    clearInterval(timer);
    timer = null;
  };
  return {
    open({ viewer, ip }, close) {
      const key = viewer.kind === 'person' ? `login ${viewer.login}` : `ip ${ip}`;
      const count = (counts.get(key) ?? 0) + 1;
      if (count > MOST_OPEN)
        throw new TooManyOpen(`${MOST_OPEN} sockets and streams are open already: close some, or use one for several.`);
      const entry: Entry = {
        viewer,
        close() {
          if (!entries.has(entry)) return;
          leave(entry, key);
          close(CHANGED);
        },
      };
      entries.add(entry);
      counts.set(key, count);
      timer ??= setInterval(() => void look(), LOOK_MS).unref();
      return { holds: async () => entries.has(entry) && (await check(entry)), leave: () => leave(entry, key) };
    },
    openCount: () => entries.size,
    close() {
      if (timer) clearInterval(timer);
      timer = null;
    },
  };
}

async function stillSame(
  store: Store,
  people: readonly Person[],
  now: number,
  by: VouchedBy | null,
): Promise<boolean[]> {
  const credentials = people.flatMap(({ credential }) => (credential ? [credential] : []));
  const found = credentials.length > 0 ? await peopleBy(store, credentials, now, by) : new Map<string, Person>();
  const isSetUp = people.some(({ isSetup }) => isSetup) && (await hasAdmin(store));
  return people.map((person) => {
    if (!person.credential) return !(person.isSetup && isSetUp);
    return JSON.stringify(found.get(credentialKey(person.credential))) === JSON.stringify(person);
  });
}
