/** When each source is read: node-cron ticks, one run per source at a time, an orderly stop. */
import cron, { type ScheduledTask } from 'node-cron';
import type { SyncTrigger } from '#schema/records.ts';
import { saveNextSync } from '#store/write-source.ts';
import { type Followed, type FollowedSource, type FollowOptions, followSource } from './follow.ts';
import type { Leases } from './leases.ts';

export type ScheduledSource = FollowedSource & { poll: string; paused: boolean };

export type IngesterOptions = Omit<FollowOptions, 'held' | 'signal'> & {
  leases: Leases;
  sources: readonly ScheduledSource[];
};

export type Ingester = {
  /** First sync of every source that is ours at once, then by schedule. */
  start(): Promise<void>;
  /** One more source, from now on. */
  add(source: ScheduledSource): void;
  /** Ends the reading of one, and waits until it has been put down in order. */
  remove(slug: string): Promise<void>;
  /** Reads all that is new, or everything again, as soon as the source is free. False when it is not ours. */
  run(slug: string, fromStart: boolean): boolean;
  isBusy(slug: string): boolean;
  /** A job of the source may have ended; null: some job. Who says so need not be believed. */
  hint(slug: string, externalId: string | null, trigger?: SyncTrigger): void;
  /** What an agent has read of the source waits in the store. */
  news(slug: string): void;
  /** Aborts what runs, waits until it has been put down in order, at most 10 s. */
  stop(): Promise<void>;
};

type Scheduled = { followed: Followed; task: ScheduledTask; tick: () => void; stop: AbortController };

export function createIngester({ leases, sources, ...options }: IngesterOptions): Ingester {
  const { log } = options;
  const stopping = new AbortController();
  const scheduled = new Map<string, Scheduled>();
  let isStarted = false;

  const add = (source: ScheduledSource) => {
    const { slug, poll } = source;
    if (source.paused) return;
    const stop = new AbortController();
    const signal = AbortSignal.any([stopping.signal, stop.signal]);
    const followed = followSource(source, { ...options, held: () => leases.held(slug), signal });
    const tick = () => {
      const held = leases.held(slug);
      if (!held) return;
      followed.poll();
      const next = task.getNextRun();
      saveNextSync(held.writer, slug, next ? next.getTime() * 1000 : null).catch((cause: unknown) =>
        log.error({ err: cause }, 'next sync not stored'),
      );
    };
    const task: ScheduledTask = cron.schedule(poll, tick, { name: slug, timezone: 'UTC' });
    scheduled.set(slug, { followed, task, tick, stop });
    if (isStarted) tick();
  };
  const put = async ({ followed, task, stop }: Scheduled) => {
    stop.abort(new Error('the source is not read here any more'));
    await task.destroy();
    await followed.ended();
  };

  return {
    add,
    isBusy: (slug) => scheduled.get(slug)?.followed.isBusy() ?? false,
    hint: (slug, externalId, trigger) => scheduled.get(slug)?.followed.hint(externalId, trigger),
    news: (slug) => scheduled.get(slug)?.followed.news(),
    async remove(slug) {
      const one = scheduled.get(slug);
      scheduled.delete(slug);
      if (one) await put(one);
    },
    run(slug, fromStart) {
      const one = scheduled.get(slug);
      if (!one || !leases.held(slug)) return false;
      one.followed.run(fromStart);
      return true;
    },
    async start() {
      for (const source of sources) add(source);
      isStarted = true;
      await leases.start((slug) => scheduled.get(slug)?.tick());
    },
    async stop() {
      stopping.abort(new Error('Basalt is stopping'));
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([Promise.allSettled([...scheduled.values()].map(put)), patience]);
    },
  };
}

/** Seconds between two ticks of a cron expression, the longest of the next few: what "late" is measured by. */
export function periodSeconds(poll: string): number {
  const task = cron.createTask(poll, () => undefined, { timezone: 'UTC' });
  const runs = task.getNextRuns(8);
  void task.destroy();
  let longest = 0;
  for (let i = 1; i < runs.length; i++)
    longest = Math.max(longest, (runs[i]?.getTime() ?? 0) - (runs[i - 1]?.getTime() ?? 0));
  return Math.max(1, Math.round(longest / 1000));
}
