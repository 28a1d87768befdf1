/**
 * Open jobs that somebody looks at through this process. The store hears of each once, however many look, and is looked at
 * once a second for all of them.
 */
import type { FastifyBaseLogger } from 'fastify';
import { Conflict, StoreUnavailable } from '#store/error.ts';
import { type LiveMark, leaveJob, listLiveMarks, watchJob } from '#store/live-job.ts';
import type { Store } from '#store/store.ts';
import type { SourceDesk } from './source-desk.ts';

type Pace = {
  tickMs: number;
  /** Whoever follows takes who has said nothing for 15 s for gone. */
  sayMs: number;
  silenceMs: number;
};
const PACE: Pace = { tickMs: 1_000, sayMs: 4_000, silenceMs: 20_000 };
/** Through one process, of all jobs. */
const MOST_LOOKS = 1_000;

export type Look = {
  /** Grows with whatever there is to tell. */
  version(): number;
  /** Resolves once it is another one, or the signal comes. */
  changedSince(version: number, signal: AbortSignal): Promise<void>;
  /** What stands in the way of it, or that nothing was told of it since somebody looks. */
  obstacle(): 'CROWDED' | 'UNATTENDED' | 'UNABLE' | 'WAITING' | null;
  leave(): void;
};

export type LiveJobs = {
  /** @throws Conflict when too many look already. */
  look(jobId: number): Look;
  /** Resolves when the store is left alone; who looked is forgotten by itself. */
  close(): Promise<void>;
};

type Watched = {
  looks: number;
  version: number;
  wake: Set<() => void>;
  mark: LiveMark | null;
  /** By our own clock: that of whoever tells may be another. */
  toldAt: number;
  isTold: boolean;
  isSilent: boolean;
  isCrowded: boolean;
  saidAt: number;
  isSaying: boolean;
};

type Options = {
  store: Store;
  desk: Pick<SourceDesk, 'openImpatiently'> | null;
  now: () => number;
  log: FastifyBaseLogger;
  pace?: Pace;
};

export function createLiveJobs({ store, desk, now, log, pace = PACE }: Options): LiveJobs {
  const watched = new Map<number, Watched>();
  let looks = 0;
  let timer: NodeJS.Timeout | null = null;
  let isTicking = false;
  let isClosed = false;
  const working = new Set<Promise<void>>();

  const change = (one: Watched) => {
    one.version += 1;
    for (const wake of one.wake) wake();
    one.wake.clear();
  };
  const start = (work: () => Promise<void>) => {
    if (isClosed) return;
    const done = work()
      .catch((cause: unknown) => {
        if (!(cause instanceof StoreUnavailable)) log.error({ err: cause }, 'open jobs cannot be looked at');
      })
      .finally(() => working.delete(done));
    working.add(done);
  };
  const say = async (jobId: number, one: Watched) => {
    if (!desk || one.isSaying || performance.now() - one.saidAt < pace.sayMs) return;
    one.isSaying = true;
    try {
      const writing = await desk.openImpatiently();
      const isTaken = await writing.transaction(() => watchJob(writing, jobId, now()));
      one.saidAt = performance.now();
      if (one.isCrowded === isTaken) {
        one.isCrowded = !isTaken;
        change(one);
      }
      if (one.looks === 0) await writing.transaction(() => leaveJob(writing, jobId));
    } finally {
      one.isSaying = false;
    }
  };
  const leave = async (jobId: number) => {
    const writing = await desk?.openImpatiently();
    if (!watched.has(jobId)) await writing?.transaction(() => leaveJob(writing, jobId));
  };
  const tick = async () => {
    const marks = await listLiveMarks(store, [...watched.keys()]);
    const at = performance.now();
    for (const [jobId, one] of watched) {
      const mark = marks.get(jobId) ?? null;
      const hasChanged = JSON.stringify(mark) !== JSON.stringify(one.mark);
      if (one.mark && mark && mark.toldAt !== one.mark.toldAt) {
        one.isTold = true;
        one.toldAt = at;
      }
      one.mark = mark;
      const isSilent = at - one.toldAt >= pace.silenceMs;
      const isNews = hasChanged || isSilent !== one.isSilent;
      one.isSilent = isSilent;
      if (isNews) change(one);
      start(() => say(jobId, one));
    }
  };
  const run = () => {
    if (isTicking) return;
    isTicking = true;
    start(() =>
      tick().finally(() => {
        isTicking = false;
      }),
    );
  };

  const begin = (jobId: number): Watched => {
    const one: Watched = {
      ...{ looks: 0, version: 0, wake: new Set<() => void>(), mark: null, toldAt: performance.now() },
      ...{ isTold: false, isSilent: false, isCrowded: false, saidAt: Number.NEGATIVE_INFINITY, isSaying: false },
    };
    watched.set(jobId, one);
    timer ??= setInterval(run, pace.tickMs);
    run();
    return one;
  };

  return {
    look(jobId) {
      if (looks >= MOST_LOOKS) throw new Conflict(`${MOST_LOOKS} look at open jobs through this server already.`);
      const one = watched.get(jobId) ?? begin(jobId);
      one.looks += 1;
      looks += 1;
      let hasLeft = false;
      return {
        version: () => one.version,
        obstacle() {
          if (!desk) return 'UNABLE';
          if (one.isCrowded) return 'CROWDED';
          if (one.isSilent) return 'UNATTENDED';
          return one.isTold ? null : 'WAITING';
        },
        async changedSince(version, signal) {
          if (one.version !== version || signal.aborted) return;
          await new Promise<void>((resolve) => {
            const end = () => {
              signal.removeEventListener('abort', end);
              one.wake.delete(end);
              resolve();
            };
            one.wake.add(end);
            signal.addEventListener('abort', end, { once: true });
          });
        },
        leave() {
          if (hasLeft) return;
          hasLeft = true;
          one.looks -= 1;
          looks -= 1;
          if (one.looks > 0) return;
          watched.delete(jobId);
          if (watched.size === 0 && timer) {
            clearInterval(timer);
            timer = null;
          }
          start(() => leave(jobId));
        },
      };
    },
    async close() {
      isClosed = true;
      if (timer) clearInterval(timer);
      timer = null;
      await Promise.all(working);
    },
  };
}
