/** One source, followed: its runs one after another, an ear on what it tells by itself between them. */
import type { Logger } from 'pino';
import type { Adapter } from '#adapters/adapter.ts';
import type { Micros, SyncTrigger } from '#schema/records.ts';
import type { QuietHours } from '#schema/source-settings.ts';
import { LeaseLost } from '#store/error.ts';
import { forgetBookmark } from '#store/write-source.ts';
import { createAgenda, type Pace, type Turn } from './agenda.ts';
import { watchDeafness } from './deaf.ts';
import type { Held } from './leases.ts';
import { keepListening, type Pauses } from './listen.ts';
import { isQuiet } from './quiet-hours.ts';
import { createRefreshes, NOTHING } from './refresh.ts';
import { type FinishedJob, type SyncReport, syncHeard, syncSource } from './sync.ts';

export type FollowedSource = {
  slug: string;
  adapter: Adapter;
  /** Whether to listen to what it tells by itself. */
  events: boolean;
  /** When only what is new is read. */
  quietHours?: QuietHours | null;
};

export type FollowOptions = {
  /** Null while another ingester reads the source. */
  held: () => Held | null;
  now: () => Micros;
  log: Logger;
  signal: AbortSignal;
  onFinished: (job: FinishedJob) => void;
  onReport?: ((slug: string, report: SyncReport) => void) | undefined;
  pace?: Pace | undefined;
  pauses?: Pauses | undefined;
};

export type Followed = {
  isBusy(): boolean;
  /** A whole run, unless one is under way. */
  poll(): void;
  /** A whole run, asked for by a person; `fromStart`: of everything, as if nothing had been read. */
  run(fromStart: boolean): void;
  /** A job may have ended; null: some job. */
  hint(externalId: string | null, trigger?: SyncTrigger): void;
  /** What somebody else has read of it is there. */
  news(): void;
  /** Resolves when what was under way is put down; call it after the signal. */
  ended(): Promise<void>;
};

/** A hint without a number costs a whole run: many of them share one. */
const UNNAMED_MS = 15_000;
/** More of it follows. */
const NEWS_MS = 500;

export function followSource({ slug, adapter, events, quietHours }: FollowedSource, options: FollowOptions): Followed {
  const { held, now, signal: stopping, onFinished, onReport, pace, pauses } = options;
  const log = options.log.child({ source: slug });
  const agenda = createAgenda(pace);
  const deafness = watchDeafness(log);
  const refreshes = createRefreshes();
  let running: { turn: Turn; done: Promise<void> } | null = null;
  let listening: Promise<void> | null = null;
  let isConnected = false;
  let fromStart = false;
  let timer: NodeJS.Timeout | undefined;

  const read = async ({ writer, signal: ours }: Held, turn: Turn) => {
    const startedAt = now();
    const refresh = turn.isWhole ? refreshes.due(startedAt) : NOTHING;
    const signal = AbortSignal.any([stopping, ours]);
    const onEnd = (job: FinishedJob) => {
      if (isConnected && turn.trigger === 'SCHEDULE') deafness.found(job.externalId);
      onFinished(job);
    };
    const rests = () => quietHours != null && isQuiet(quietHours, now());
    const deps = { writer, adapter, slug, now, signal, log, onFinished: onEnd, refresh, rests };
    if (fromStart && turn.isWhole) {
      fromStart = false;
      await forgetBookmark(writer, slug);
    }
    const sync = turn.isWhole ? syncSource : syncHeard;
    const report = await sync(deps, turn.trigger, turn.externalIds);
    agenda.end(report?.stillOpen ?? [], performance.now());
    if (report?.state === 'succeeded') refreshes.done(refresh, startedAt);
    if (report) onReport?.(slug, report);
    listen(signal);
  };

  const listen = (signal: AbortSignal) => {
    if (listening || !events || signal.aborted) return;
    const ears = {
      onOpen() {
        isConnected = true;
        act((at) => agenda.plan('EVENT', at));
      },
      onFinished(id: string) {
        deafness.heard(id);
        act((at) => agenda.hear('EVENT', id, at));
      },
      onClose() {
        isConnected = false;
      },
    };
    listening = keepListening({ adapter, signal, log, ...ears, pauses })
      .catch((cause: unknown) => log.error({ err: cause }, 'listening broke'))
      .finally(() => {
        listening = null;
      });
  };

  /** Starts what is due, or waits until something is. */
  const go = () => {
    clearTimeout(timer);
    const mine = held();
    if (!mine || running || stopping.aborted) return;
    const turn = agenda.take(performance.now());
    if (turn) {
      const done = read(mine, turn)
        .catch((cause: unknown) => {
          if (cause instanceof LeaseLost) log.info('another ingester reads the source now');
          else log.error({ err: cause }, 'sync broke');
        })
        .finally(() => {
          running = null;
          go();
        });
      running = { turn, done };
      return;
    }
    const at = agenda.nextAt();
    if (at !== null) timer = setTimeout(go, Math.max(1, at - performance.now()));
  };
  const act = (change: (at: number) => void) => {
    if (stopping.aborted || !held()) return;
    change(performance.now());
    go();
  };

  return {
    isBusy: () => running !== null,
    poll() {
      if (!running?.turn.isWhole) act((at) => agenda.plan('SCHEDULE', at));
    },
    run(all) {
      fromStart ||= all;
      act((at) => agenda.plan('MANUAL', at));
    },
    hint: (id, trigger = 'CALLBACK') =>
      act((at) => (id === null ? agenda.plan(trigger, at + UNNAMED_MS) : agenda.hear(trigger, id, at))),
    news: () => act((at) => agenda.plan('EVENT', at + NEWS_MS)),
    async ended() {
      clearTimeout(timer);
      await Promise.all([running?.done, listening]);
    },
  };
}
