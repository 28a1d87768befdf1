/** When each source is read: node-cron ticks, one run per source at a time, an orderly stop. */
import cron, { type ScheduledTask } from 'node-cron';
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
  isBusy(slug: string): boolean;
  /** A job of the source may have ended; null: some job. Who says so need not be believed. */
  hint(slug: string, externalId: string | null): void;
  /** Aborts what runs, waits until it has been put down in order, at most 10 s. */
  stop(): Promise<void>;
};

export function createIngester({ leases, sources, ...options }: IngesterOptions): Ingester {
  const { log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const followed = new Map<string, Followed>();
  const tasks: ScheduledTask[] = [];

  return {
    isBusy: (slug) => followed.get(slug)?.isBusy() ?? false,
    hint: (slug, externalId) => followed.get(slug)?.hint(externalId),
    async start() {
      const ticks = new Map<string, () => void>();
      for (const source of sources) {
        const { slug, poll } = source;
        if (source.paused) continue;
        const one = followSource(source, { ...options, held: () => leases.held(slug), signal });
        followed.set(slug, one);
        const tick = () => {
          const held = leases.held(slug);
          if (!held) return;
          one.poll();
          const next = task.getNextRun();
          saveNextSync(held.writer, slug, next ? next.getTime() * 1000 : null).catch((cause: unknown) =>
            log.error({ err: cause }, 'next sync not stored'),
          );
        };
        const task: ScheduledTask = cron.schedule(poll, tick, { name: slug, timezone: 'UTC' });
        tasks.push(task);
        ticks.set(slug, tick);
      }
      await leases.start((slug) => ticks.get(slug)?.());
    },
    async stop() {
      stopping.abort(new Error('Basalt is stopping'));
      await Promise.all(tasks.map((task) => task.destroy()));
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([Promise.allSettled([...followed.values()].map((one) => one.ended())), patience]);
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
