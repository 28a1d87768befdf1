/** From the spool to Basalt: what is acknowledged is deleted here, nothing else. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Answer, Pusher } from '#adapters/agent/push.ts';
import { SourceError } from '#adapters/error.ts';
import { type AskedQuestion, type Batch, packBatch } from '#schema/agent-batch.ts';
import type { Micros } from '#schema/records.ts';
import type { Spool } from '#store/spool.ts';

export type SendDeps = {
  spool: Spool;
  pusher: Pick<Pusher, 'push'>;
  now: () => Micros;
  signal: AbortSignal;
  log: Logger;
  /** Of the bodies that are pushed at once. */
  mostBytes?: number;
};

export type Sent = {
  /** `anew`: everything is to be read once more, which whoever reads has to know. */
  state: 'sent' | 'anew' | 'refused' | 'unreachable';
  entries: number;
  message: string | null;
  /** What Basalt wants to know of the master. */
  questions: AskedQuestion[];
};

/** Proxies commonly take no more than a megabyte, the head included. */
const MOST_BYTES = 900_000;
/** On a line that is slow or breaks, what is pushed at once becomes smaller down to this. */
const LEAST_BYTES = 50_000;

/** Who pushes, and what waits. */
export function headOf(spool: Spool, sentAt: Micros): Omit<Batch, 'entries'> {
  const { stream, was, after, generation } = spool.state();
  return { stream, was, after, answers: null, generation, sentAt, waiting: spool.waiting() };
}

/** The next entries once, or a word that the agent is there. Never throws for a Basalt that is ill. */
export async function sendOnce({ spool, pusher, now, signal, log, mostBytes = MOST_BYTES }: SendDeps): Promise<Sent> {
  const { after, bookmark } = spool.state();
  const entries = spool.next(mostBytes);
  const batch = packBatch({ ...headOf(spool, now()), entries });
  let answer: Answer;
  try {
    answer = await pusher.push(batch, signal);
  } catch (cause) {
    if (!(cause instanceof SourceError) && !signal.aborted) throw cause;
    return {
      state: 'unreachable',
      entries: 0,
      message: cause instanceof Error ? cause.message : String(cause),
      questions: [],
    };
  }
  const last = entries.at(-1)?.sequence ?? after;
  if (answer.kind === 'refused' && answer.code !== 'LOST')
    return { state: 'refused', entries: 0, message: answer.message, questions: [] };
  if (answer.kind === 'refused' || answer.held > last) {
    const why = answer.kind === 'refused' ? answer.message : 'Basalt holds more of this spool than the spool knows of';
    log.warn({ why }, 'everything is read once more: Basalt or the spool was put back to an earlier state');
    spool.beginAnew();
    return { state: 'anew', entries: 0, message: why, questions: [] };
  }
  spool.acknowledge(answer.held, answer.generation);
  const isAnew = bookmark !== null && spool.state().bookmark === null;
  if (isAnew) log.info('Basalt wants everything to be read once more');
  return {
    state: isAnew ? 'anew' : 'sent',
    entries: entries.filter((e) => e.sequence <= answer.held).length,
    message: null,
    questions: answer.questions,
  };
}

/** While nothing is to be pushed, how often Basalt hears that the agent is there. */
const HEARTBEAT_MS = 15_000;
/** The same while an audit asks one thing after another, and how long after its last question. */
const ASKED_MS = 500;
const ASKED_FOR_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

export type KeepSending = SendDeps & {
  onSent: (sent: Sent) => void;
};

export type Sending = {
  /** There is something new in the spool. */
  wake(): void;
  /** Resolves after the signal. */
  ended: Promise<void>;
};

export function keepSending({ onSent, ...deps }: KeepSending): Sending {
  const { signal, spool, log } = deps;
  let woken = new AbortController();
  const keep = async () => {
    let failures = 0;
    let askedAt = Number.NEGATIVE_INFINITY;
    let mostBytes = MOST_BYTES;
    while (!signal.aborted) {
      woken = new AbortController();
      const sent = await sendOnce({ ...deps, mostBytes });
      if (signal.aborted) return;
      onSent(sent);
      if (sent.questions.length > 0) askedAt = performance.now();
      const isWell = sent.state === 'sent' || sent.state === 'anew';
      if (isWell && failures > 0) log.info({ waiting: spool.waiting() }, 'Basalt takes what is pushed again');
      if (isWell) mostBytes = Math.min(MOST_BYTES, mostBytes * 2);
      if (sent.state === 'unreachable') mostBytes = Math.max(LEAST_BYTES, mostBytes / 2);
      failures = isWell ? 0 : failures + 1;
      if (!isWell) {
        const level = failures === 1 || failures % 30 === 0 ? 'warn' : 'debug';
        log[level](
          { why: sent.message, waiting: spool.waiting(), failures },
          'nothing can be pushed: it is kept in the spool',
        );
        const most = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
        // Half of it at random: agents do not all come back at once.
        await wait(most / 2 + (Math.random() * most) / 2, null, { signal }).catch(() => null);
      } else if (spool.waiting().entries === 0) {
        const isAsked = performance.now() - askedAt < ASKED_FOR_MS;
        await wait(isAsked ? ASKED_MS : HEARTBEAT_MS, null, { signal: AbortSignal.any([signal, woken.signal]) }).catch(
          () => null,
        );
      }
    }
  };
  return { wake: () => woken.abort(), ended: keep() };
}
