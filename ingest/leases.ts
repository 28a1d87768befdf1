/** The sources this ingester reads: all of them where it is alone, its share of them where several share a store. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { claimLeases, guard, type Lease, releaseLease, renewLeases, reportAlive, reportGone } from '#store/lease.ts';
import type { Writer } from '#store/writer.ts';

/** A lease that is not renewed for so long is free. */
const TTL_MS = 15_000;
const HEARTBEAT_MS = 3_000;

export type Held = {
  writer: Writer;
  /** Aborted when the source is no longer ours to read. */
  signal: AbortSignal;
};

export type Leases = {
  /** Null while another ingester reads the source. */
  held(slug: string): Held | null;
  /** Takes what is free, and keeps at it; `onGain` hears of each source that has become ours. */
  start(onGain: (slug: string) => void): Promise<void>;
  /** Gives everything back at once. */
  stop(): Promise<void>;
};

/** For a store with one ingester: everything is ours. `slugs` may change meanwhile. */
export function holdAll(writer: Writer, slugs: readonly string[]): Leases {
  const held: Held = { writer, signal: new AbortController().signal };
  return {
    held: (slug) => (slugs.includes(slug) ? held : null),
    async start(onGain) {
      for (const slug of slugs) onGain(slug);
    },
    stop: async () => undefined,
  };
}

export type LeaseOptions = {
  writer: Writer;
  /** May change meanwhile: what has gone is given back, what has come is taken. */
  slugs: readonly string[];
  log: Logger;
  /** A source that is being read is not given away for the sake of fairness. */
  isBusy?: (slug: string) => boolean;
  /** Takes what is free and claims no share: for a command that reads once. */
  guest?: boolean;
  ttlMs?: number;
  heartbeatMs?: number;
};

type Mine = { lease: Lease; held: Held; stop: AbortController; end: NodeJS.Timeout | undefined };

export function createLeases({
  writer,
  slugs,
  log,
  isBusy = () => false,
  guest = false,
  ttlMs = TTL_MS,
  heartbeatMs = HEARTBEAT_MS,
}: LeaseOptions): Leases {
  if (writer.store.engine === 'sqlite') return holdAll(writer, slugs);
  const { sql } = writer.store;
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  const mine = new Map<string, Mine>();
  const stopping = new AbortController();
  let beating = Promise.resolve();

  const lose = (slug: string) => {
    const one = mine.get(slug);
    clearTimeout(one?.end);
    one?.stop.abort(new Error('another ingester reads the source'));
    mine.delete(slug);
  };
  /** A lease ends where it is held, too, whether the database answers or not. */
  const endAfter = (one: Mine, began: number) => {
    clearTimeout(one.end);
    one.end = setTimeout(
      () => {
        log.error({ source: one.lease.slug }, 'the lease could not be renewed in time');
        lose(one.lease.slug);
      },
      began + ttlMs - performance.now(),
    );
  };
  const beat = async (onGain: (slug: string) => void) => {
    const began = performance.now();
    const alive = guest ? 1 : await reportAlive(sql, owner, ttlMs);
    const kept = await renewLeases(
      sql,
      [...mine.values()].map(({ lease }) => lease),
      ttlMs,
    );
    for (const slug of mine.keys()) {
      const one = mine.get(slug);
      if (one && kept.includes(one.lease)) endAfter(one, began);
      else lose(slug);
    }
    for (const [slug, { lease }] of mine) {
      if (slugs.includes(slug) || isBusy(slug)) continue;
      lose(slug);
      await releaseLease(sql, lease);
    }
    const share = Math.ceil(slugs.length / alive);
    for (const [slug, { lease }] of mine) {
      if (mine.size <= share) break;
      if (isBusy(slug)) continue;
      lose(slug);
      await releaseLease(sql, lease);
      log.info({ source: slug, ingesters: alive }, 'given to another ingester');
    }
    const free = slugs.filter((slug) => !mine.has(slug));
    for (const lease of await claimLeases(sql, owner, free, share - mine.size, ttlMs)) {
      const stop = new AbortController();
      const held = { writer: guard(writer, lease), signal: stop.signal };
      const one: Mine = { lease, held, stop, end: undefined };
      endAfter(one, began);
      mine.set(lease.slug, one);
      log.info({ source: lease.slug, term: lease.term, ingesters: alive }, 'this ingester reads the source');
      onGain(lease.slug);
    }
  };
  const safely = (onGain: (slug: string) => void) =>
    beat(onGain).catch((cause: unknown) => log.error({ err: cause }, 'leases could not be renewed'));

  return {
    held: (slug) => mine.get(slug)?.held ?? null,
    async start(onGain) {
      await safely(onGain);
      const { signal } = stopping;
      beating = (async () => {
        while (!signal.aborted) {
          await wait(heartbeatMs, null, { signal }).catch(() => null);
          if (!signal.aborted) await safely(onGain);
        }
      })();
    },
    async stop() {
      stopping.abort();
      await beating;
      try {
        for (const [slug, { lease }] of mine) {
          lose(slug);
          await releaseLease(sql, lease);
        }
        await reportGone(sql, owner);
      } catch (cause) {
        log.error({ err: cause }, 'leases could not be given back: they end by themselves');
      }
    },
  };
}
