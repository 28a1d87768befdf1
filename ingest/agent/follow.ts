/** One master, followed for an agent: read into the spool by the poll and by what it tells, pushed as it comes. */
import type { Logger } from 'pino';
import type { Adapter } from '#adapters/adapter.ts';
import type { Pusher } from '#adapters/agent/push.ts';
import { isDue } from '#adapters/due.ts';
import { SourceError } from '#adapters/error.ts';
import type { AskedQuestion } from '#schema/agent-batch.ts';
import type { Micros } from '#schema/records.ts';
import type { QuietHours } from '#schema/source-settings.ts';
import type { Spool } from '#store/spool.ts';
import { createAgenda, type Turn } from '../agenda.ts';
import { keepListening } from '../listen.ts';
import { isQuiet } from '../quiet-hours.ts';
import { createRefreshes, NOTHING } from '../refresh.ts';
import { answerQuestion } from './answer.ts';
import { readIntoSpool } from './read.ts';
import { keepSending, type Sent } from './send.ts';

export type AgentSource = {
  slug: string;
  /** Of the master. */
  url: string;
  poll: string;
  adapter: Adapter;
  spool: Spool;
  pusher: Pusher;
  /** Whether to listen to what it tells by itself. */
  events: boolean;
  quietHours: QuietHours | null;
};

export type AgentOptions = { now: () => Micros; signal: AbortSignal; log: Logger };

export type AgentFollowed = {
  /** All that is new, unless that is read already. */
  poll(): void;
  /** Resolves after the signal, when everything is put down. */
  ended: Promise<void>;
  /** Resolves when it cannot go on. */
  broken: Promise<Error>;
};

/** How often it is said what is read and what waits, while something is. */
const TOLD_EVERY = 60_000_000;

export function followForAgent(source: AgentSource, { now, signal, log }: AgentOptions): AgentFollowed {
  const { adapter, spool, pusher, events, quietHours } = source;
  const agenda = createAgenda();
  const sum = { jobs: 0, entries: 0, pushed: 0 };
  let toldAt = now();
  const refreshes = createRefreshes();
  let reading: { turn: Turn; done: Promise<void> } | null = null;
  let listening: Promise<void> | null = null;
  let isResting = false;
  let timer: NodeJS.Timeout | undefined;
  let breakDown: (cause: Error) => void = () => undefined;
  const broken = new Promise<Error>((resolve) => {
    breakDown = resolve;
  });
  const fail = (cause: unknown) => breakDown(cause instanceof Error ? cause : new Error(String(cause)));

  const tell = () => {
    if (!isDue(now(), toldAt, TOLD_EVERY) || (sum.entries === 0 && sum.pushed === 0)) return;
    toldAt = now();
    log.info({ ...sum, waiting: spool.waiting() }, 'read and pushed');
    Object.assign(sum, { jobs: 0, entries: 0, pushed: 0 });
  };
  let answering: Promise<void> | null = null;
  const answerAll = async (questions: readonly AskedQuestion[]) => {
    for (const question of questions) await answerQuestion({ adapter, spool, pusher, now, signal }, question);
  };
  const answer = (questions: readonly AskedQuestion[]) => {
    if (answering || questions.length === 0) return;
    answering = answerAll(questions)
      .catch((cause: unknown) => {
        if (signal.aborted) return;
        if (!(cause instanceof SourceError)) throw cause;
        log.warn({ err: cause }, 'Basalt could not be answered: it asks again');
      })
      .catch(fail)
      .finally(() => {
        answering = null;
        sending.wake();
      });
  };
  const onSent = ({ state, entries, questions }: Sent) => {
    sum.pushed += entries;
    answer(questions);
    if (state === 'anew' || (isResting && !spool.waiting().isFull)) act((at) => agenda.plan('SCHEDULE', at));
    tell();
  };
  const sending = keepSending({ spool, pusher, now, signal, log, onSent });
  sending.ended.catch(fail);

  const read = async (turn: Turn) => {
    const startedAt = now();
    const refresh = turn.isWhole ? refreshes.due(startedAt) : NOTHING;
    const rests = () => quietHours !== null && isQuiet(quietHours, now());
    const only = turn.isWhole ? null : adapter.unread(spool.walk().bookmark, turn.externalIds);
    if (only?.length === 0) return agenda.end([], performance.now());
    const deps = { adapter, spool, now, signal, log, rests, refresh, onAdded: sending.wake };
    const { state, jobs, entries, stillOpen } = await readIntoSpool(deps, only);
    agenda.end(stillOpen, performance.now());
    sum.jobs += jobs;
    sum.entries += entries;
    if (state === 'succeeded') refreshes.done(refresh, startedAt);
    if (state === 'anew') agenda.plan('SCHEDULE', performance.now());
    if (state === 'full' && !isResting)
      log.warn(
        { waiting: spool.waiting() },
        'the spool is full: reading rests until Basalt takes what waits; nothing is lost',
      );
    if (state !== 'full' && isResting) log.info('the spool has room again: reading goes on');
    isResting = state === 'full';
    tell();
    listen();
  };
  const listen = () => {
    if (listening || !events || signal.aborted) return;
    const ears = {
      onOpen: () => act((at) => agenda.plan('EVENT', at)),
      onFinished: (id: string) => act((at) => agenda.hear('EVENT', id, at)),
      onClose: () => undefined,
    };
    listening = keepListening({ adapter, signal, log, ...ears })
      .catch(fail)
      .finally(() => {
        listening = null;
      });
  };
  /** Starts what is due, or waits until something is. */
  const go = () => {
    clearTimeout(timer);
    if (reading || signal.aborted) return;
    const turn = agenda.take(performance.now());
    if (turn) {
      const done = read(turn)
        .catch(fail)
        .finally(() => {
          reading = null;
          go();
        });
      reading = { turn, done };
      return;
    }
    const at = agenda.nextAt();
    if (at !== null) timer = setTimeout(go, Math.max(1, at - performance.now()));
  };
  const act = (change: (at: number) => void) => {
    if (signal.aborted) return;
    change(performance.now());
    go();
  };
  const end = async () => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    clearTimeout(timer);
    await Promise.allSettled([reading?.done, listening, answering, sending.ended]);
  };

  return {
    poll() {
      if (!reading?.turn.isWhole) act((at) => agenda.plan('SCHEDULE', at));
    },
    ended: end(),
    broken,
  };
}
