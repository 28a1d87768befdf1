/** Keeps an ear on a source: what it tells by itself hastens a read, and nothing depends on it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Adapter } from '#adapters/adapter.ts';
import { SourceError } from '#adapters/error.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** A source that refuses is asked again when somebody may have changed something. */
const REFUSED_PAUSE_MS = 3_600_000;
/** A connection that held so long was a good one. */
const GOOD_MS = 60_000;

export type ListenOptions = {
  adapter: Pick<Adapter, 'listen'>;
  signal: AbortSignal;
  log: Logger;
  /** Nothing is repeated that was told before: read now. */
  onOpen: () => void;
  onFinished: (externalId: string) => void;
  pauses?: { firstMs: number; longestMs: number; refusedMs: number };
};

/** Ends with the signal, or when the source tells nothing by itself. */
export async function keepListening(options: ListenOptions): Promise<void> {
  const { adapter, signal, log, onOpen, onFinished } = options;
  const { firstMs, longestMs, refusedMs } = options.pauses ?? {
    firstMs: FIRST_PAUSE_MS,
    longestMs: LONGEST_PAUSE_MS,
    refusedMs: REFUSED_PAUSE_MS,
  };
  let failures = 0;
  while (!signal.aborted) {
    let openedAt: number | null = null;
    let heard = 0;
    let noise = 0;
    const hearing = adapter.listen(
      {
        onOpen() {
          openedAt = performance.now();
          log.info('events are heard');
          onOpen();
        },
        onFinished(externalId) {
          heard += 1;
          onFinished(externalId);
        },
        onNoise() {
          noise += 1;
        },
      },
      signal,
    );
    if (!hearing) return;
    const cause = await hearing.then(
      () => null,
      (error: unknown) => error,
    );
    if (signal.aborted) return;
    if (cause !== null && !(cause instanceof SourceError)) throw cause;
    const wasGood = openedAt !== null && performance.now() - openedAt >= GOOD_MS;
    failures = wasGood ? 1 : failures + 1;
    const level = failures === 1 || cause?.retryable === false ? 'warn' : 'debug';
    log[level]({ err: cause, heard, noise, failures }, 'events are not heard: jobs are found by the poll meanwhile');
    const most = Math.min(longestMs, firstMs * 2 ** failures);
    // Half of it at random: masters that come back are not met by all at once.
    const pause = cause?.retryable === false ? refusedMs : most / 2 + (Math.random() * most) / 2;
    await wait(pause, null, { signal }).catch(() => null);
  }
}
