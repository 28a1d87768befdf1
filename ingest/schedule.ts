/** When each source is read: node-cron ticks, one run per source at a time, an orderly stop. */
import cron, { type ScheduledTask } from 'node-cron';
import type { Logger } from 'pino';
import type { Adapter } from '#adapters/adapter.ts';
import type { Micros } from '#schema/records.ts';
import { saveNextSync } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';
import { type FinishedJob, type SyncReport, syncSource } from './sync.ts';

export type ScheduledSource = { slug: string; poll: string; paused: boolean; adapter: Adapter };

export type IngesterOptions = {
  writer: Writer;
  sources: readonly ScheduledSource[];
  now: () => Micros;
  log: Logger;
  onFinished: (job: FinishedJob) => void;
  onReport?: (slug: string, report: SyncReport) => void;
};

export type Ingester = {
  /** First sync of every source at once, then by schedule. */
  start(): void;
  /** Aborts what runs, waits until it has been put down in order, at most 10 s. */
  stop(): Promise<void>;
};

const FLEET_EVERY = 300_000_000;
const PROBE_EVERY = 86_400_000_000;

export function createIngester({ writer, sources, now, log, onFinished, onReport }: IngesterOptions): Ingester {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const tasks: ScheduledTask[] = [];

  const follow = (source: ScheduledSource) => {
    let busy = false;
    let probedAt = Number.NEGATIVE_INFINITY;
    let fleetAt = Number.NEGATIVE_INFINITY;
    const sourceLog = log.child({ source: source.slug });
    const once = async () => {
      const startedAt = now();
      const refresh = { probe: startedAt - probedAt >= PROBE_EVERY, fleet: startedAt - fleetAt >= FLEET_EVERY };
      const report = await syncSource(
        {
          writer,
          adapter: source.adapter,
          slug: source.slug,
          now,
          signal: stopping.signal,
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
    return () => {
      if (busy || stopping.signal.aborted) return;
      busy = true;
      const run = once()
        .catch((cause: unknown) => sourceLog.error({ err: cause }, 'sync broke'))
        .finally(() => {
          busy = false;
          running.delete(run);
        });
      running.add(run);
    };
  };

  return {
    start() {
      for (const source of sources) {
        if (source.paused) continue;
        const tick = follow(source);
        const task = cron.schedule(
          source.poll,
          () => {
            tick();
            announce(task);
          },
          { name: source.slug, timezone: 'UTC' },
        );
        const announce = (scheduled: ScheduledTask) => {
          const next = scheduled.getNextRun();
          saveNextSync(writer, source.slug, next ? next.getTime() * 1000 : null).catch((cause: unknown) =>
            log.error({ err: cause }, 'next sync not stored'),
          );
        };
        tasks.push(task);
        announce(task);
        tick();
      }
    },
    async stop() {
      stopping.abort(new Error('Basalt is stopping'));
      await Promise.all(tasks.map((task) => task.destroy()));
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([Promise.allSettled(running), patience]);
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
