/**
 * The jobs of one source that somebody looks at: asked for together, round after round, within a share of the source's
 * budget and of its time. However many look, a job costs the same.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Adapter } from '#adapters/adapter.ts';
import { SourceError } from '#adapters/error.ts';
import type { Micros } from '#schema/records.ts';
import type { QuietHours } from '#schema/source-settings.ts';
import { LeaseLost } from '#store/error.ts';
import { endWatch, knownLog, saveTail, saveTold, type Told, type WatchedJob } from '#store/write-live.ts';
import type { Held } from './leases.ts';
import { isQuiet } from './quiet-hours.ts';

export type LiveSource = {
  slug: string;
  adapter: Pick<Adapter, 'tail' | 'usage'>;
  perMinute: number;
  quietHours?: QuietHours | null;
};

export type LivePace = {
  /** Between two rounds, at least; after each that failed, of all or of one job, twice as long, up to `longestMs`. */
  stepMs: number;
  longestMs: number;
  /** After so long without an answer it is said why. */
  silenceMs: number;
  /** Who has not said for so long that somebody looks is gone. */
  goneMs: number;
  /** A job that has ended is asked for again after this, if it is still not stored. */
  endedMs: number;
  /** Whoever follows says so this often, whatever the source does. */
  aliveMs: number;
};

const PACE: LivePace = {
  stepMs: 3_000,
  longestMs: 60_000,
  silenceMs: 5_000,
  goneMs: 15_000,
  endedMs: 30_000,
  aliveMs: 5_000,
};
/** Of the requests a minute, and of the time: the rest is for reading what is new and what was before. */
const SHARE_OF_REQUESTS = 0.25;
const SHARE_OF_TIME = 0.1;

export type LiveOptions = {
  held: () => Held | null;
  now: () => Micros;
  log: Logger;
  signal: AbortSignal;
  /** A job was seen to have ended: it can be read whole. */
  onEnded: (externalId: string) => void;
  pace?: Partial<LivePace> | undefined;
};

export type Live = {
  /** The jobs of the source that somebody looks at now, as the store has them. */
  look(watched: readonly WatchedJob[]): Promise<void>;
  /** Resolves when what was under way is put down; call it after the signal. */
  ended(): Promise<void>;
};

type Seen = { job: WatchedJob; changedAt: number; failures: number; askAt: number };

export function followLive(source: LiveSource, options: LiveOptions): Live {
  const { adapter, perMinute, quietHours } = source;
  const { held, now, signal: stopping, onEnded } = options;
  const pace = { ...PACE, ...options.pace };
  const log = options.log.child({ source: source.slug });
  const seen = new Map<number, Seen>();
  let following: Promise<void> | null = null;
  let notBefore = 0;
  let failures = 0;
  let trouble: Told | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;

  const tell = async ({ writer }: Held, jobIds: readonly number[], told: Told | null) => {
    if (jobIds.length === 0) return;
    await saveTold(writer, jobIds, told, now());
    toldAt = performance.now();
  };
  /** A source that answers nothing for a while is no reason to say nothing. */
  const sayWhy = (mine: Held) => {
    const status = adapter.usage().isUsedUp ? 'BUDGET' : 'SLOW';
    tell(mine, [...seen.keys()], { status, reason: null }).catch((cause: unknown) =>
      log.warn({ err: cause }, 'not told why it waits'),
    );
  };

  const after = (failed: number) => Math.min(pace.longestMs, pace.stepMs * 2 ** failed);

  const ask = async (mine: Held, due: readonly Seen[], signal: AbortSignal) => {
    const known = await Promise.all(
      due.map(async ({ job: { jobId, externalId } }) => ({ externalId, ...(await knownLog(mine.writer, jobId)) })),
    );
    const asking = adapter.tail(known, { now, signal });
    if (!asking) return tell(mine, [...seen.keys()], { status: 'UNABLE', reason: null });
    const silence = setTimeout(() => sayWhy(mine), pace.silenceMs);
    const tails = await asking.finally(() => clearTimeout(silence));
    failures = 0;
    trouble = null;
    for (const [i, one] of due.entries()) {
      const { job } = one;
      const tail = tails.find(
        (found) => found.job.externalId === job.externalId && found.job.submitAt === job.submitAt,
      );
      const hasEnded = tail?.job.state === 'FINISHED';
      one.failures = !tail || tail.problem ? one.failures + 1 : 0;
      one.askAt = performance.now() + (hasEnded ? pace.endedMs : after(one.failures));
      if (tail) {
        const told: Told = tail.problem
          ? { status: 'FAILING', reason: tail.problem.message }
          : { status: hasEnded ? 'ENDED' : 'FOLLOWED', reason: null };
        await saveTail(mine.writer, job, { ...tail, lineCount: known[i]?.lineCount ?? 0, told }, now());
      } else await tell(mine, [job.jobId], { status: 'GONE', reason: null });
      if (hasEnded) onEnded(job.externalId);
    }
    toldAt = performance.now();
  };

  const round = async (mine: Held, due: readonly Seen[]) => {
    if (quietHours && isQuiet(quietHours, now())) {
      return tell(mine, [...seen.keys()], { status: 'QUIET_HOURS', reason: null });
    }
    const signal = AbortSignal.any([stopping, mine.signal]);
    try {
      await ask(mine, due, signal);
    } catch (cause) {
      if (signal.aborted || cause instanceof LeaseLost) return;
      failures += 1;
      if (!(cause instanceof SourceError)) log.error({ err: cause }, 'following jobs broke');
      const reason = cause instanceof SourceError ? cause.message : 'Basalt failed to follow it';
      trouble = { status: 'FAILING', reason };
      await tell(mine, [...seen.keys()], trouble).catch((broken: unknown) =>
        log.error({ err: broken }, 'not told that following failed'),
      );
    }
  };

  /** Until nobody looks at anything that is open. */
  const follow = async () => {
    while (!stopping.aborted) {
      await wait(Math.max(0, notBefore - performance.now()), null, { signal: stopping }).catch(() => null);
      const mine = held();
      if (!mine || stopping.aborted || seen.size === 0) return;
      const startedAt = performance.now();
      const due = [...seen.values()].filter(({ askAt }) => askAt <= startedAt);
      if (due.length > 0) await round(mine, due);
      const endedAt = performance.now();
      const forRequests = due.length === 0 ? 0 : ((due.length + 1) * 60_000) / (perMinute * SHARE_OF_REQUESTS);
      const forTime = (endedAt - startedAt) * (1 / SHARE_OF_TIME - 1);
      notBefore = endedAt + Math.max(after(failures), forRequests, Math.min(forTime, pace.longestMs));
    }
  };

  const look = async (mine: Held, watched: readonly WatchedJob[]) => {
    const at = performance.now();
    const isThere = new Set(watched.map(({ jobId }) => jobId));
    for (const id of seen.keys()) if (!isThere.has(id)) seen.delete(id);
    const fresh: number[] = [];
    for (const job of watched) {
      const before = seen.get(job.jobId);
      if (!before) {
        fresh.push(job.jobId);
        seen.set(job.jobId, { job, changedAt: at, failures: 0, askAt: 0 });
      } else if (before.job.watchedAt !== job.watchedAt) Object.assign(before, { job, changedAt: at });
      else if (at - before.changedAt >= pace.goneMs) {
        seen.delete(job.jobId);
        await endWatch(mine.writer, job);
      }
    }
    if (trouble) await tell(mine, fresh, trouble);
    if (at - toldAt >= pace.aliveMs) await tell(mine, [...seen.keys()], null);
    if (seen.size === 0 || following) return;
    following = follow()
      .catch((cause: unknown) => log.error({ err: cause }, 'following broke'))
      .finally(() => {
        following = null;
      });
  };

  return {
    async look(watched) {
      const mine = held();
      if (!mine || stopping.aborted) return;
      try {
        await look(mine, watched);
      } catch (cause) {
        if (!(cause instanceof LeaseLost)) throw cause;
      }
    },
    async ended() {
      await following;
    },
  };
}
