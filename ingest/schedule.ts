/** When each source is read: node-cron ticks, one run per source at a time, an orderly stop. */
import cron, { type ScheduledTask } from 'node-cron';
import type { Logger } from 'pino';
import type { Adapter } from '#adapters/adapter.ts';
import type { Micros } from '#schema/records.ts';
import { LeaseLost } from '#store/error.ts';
import { saveNextSync } from '#store/write-source.ts';
import type { Held, Leases } from './leases.ts';
import { type FinishedJob, type SyncReport, syncSource } from './sync.ts';

export type ScheduledSource = { slug: string; poll: string; paused: boolean; adapter: Adapter };

export type IngesterOptions = {
  leases: Leases;
  sources: readonly ScheduledSource[];
  now: () => Micros;
  log: Logger;
  onFinished: (job: FinishedJob) => void;
  onReport?: (slug: string, report: SyncReport) => void;
};

export type Ingester = {
  /** First sync of every source that is ours at once, then by schedule. */
  start(): Promise<void>;
  isBusy(slug: string): boolean;
  /** Aborts what runs, waits until it has been put down in order, at most 10 s. */
  stop(): Promise<void>;
};

const FLEET_EVERY = 300_000_000;
const PROBE_EVERY = 86_400_000_000;

export function createIngester({ leases, sources, now, log, onFinished, onReport }: IngesterOptions): Ingester {
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  const tasks: ScheduledTask[] = [];

  const follow = (source: ScheduledSource) => {
    let probedAt = Number.NEGATIVE_INFINITY;
    let fleetAt = Number.NEGATIVE_INFINITY;
    const sourceLog = log.child({ source: source.slug });
    const once = async ({ writer, signal }: Held) => {
      const startedAt = now();
      const refresh = { probe: startedAt - probedAt >= PROBE_EVERY, fleet: startedAt - fleetAt >= FLEET_EVERY };
      const report = await syncSource(
        {
          writer,
          adapter: source.adapter,
          slug: source.slug,
          now,
          signal: AbortSignal.any([stopping.signal, signal]),
          log: sourceLog,
          onFinished,
          refresh,
        },
        'SCHEDULE',
      );
      if (report.state === 'succeeded') {
        if (refresh.probe) probedAt = startedAt;
        if (refresh.fleet) fleetAt = startedAt;
      }
      onReport?.(source.slug, report);
    };
    return (held: Held) => {
      if (running.has(source.slug) || stopping.signal.aborted) return;
      const run = once(held)
        .catch((cause: unknown) => {
          if (cause instanceof LeaseLost) sourceLog.info('another ingester reads the source now');
          else sourceLog.error({ err: cause }, 'sync broke');
        })
        .finally(() => running.delete(source.slug));
      running.set(source.slug, run);
    };
  };

  return {
    isBusy: (slug) => running.has(slug),
    async start() {
      const ticks = new Map<string, () => void>();
      for (const source of sources) {
        if (source.paused) continue;
        const sync = follow(source);
        const tick = () => {
          const held = leases.held(source.slug);
          if (!held) return;
          sync(held);
          const next = task.getNextRun();
          saveNextSync(held.writer, source.slug, next ? next.getTime() * 1000 : null).catch((cause: unknown) =>
            log.error({ err: cause }, 'next sync not stored'),
          );
        };
        const task: ScheduledTask = cron.schedule(source.poll, tick, { name: source.slug, timezone: 'UTC' });
        tasks.push(task);
        ticks.set(source.slug, tick);
      }
      await leases.start((slug) => ticks.get(slug)?.());
    },
    async stop() {
      stopping.abort(new Error('Basalt is stopping'));
      await Promise.all(tasks.map((task) => task.destroy()));
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([Promise.allSettled(running.values()), patience]);
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
