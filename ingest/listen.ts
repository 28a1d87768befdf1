/** Keeps an ear on a source: what it tells by itself hastens a read, and nothing depends on it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Adapter } from '#adapters/adapter.ts';
import { SourceError } from '#adapters/error.ts';

export type Pauses = {
  /** Before the second try; doubles. */
  firstMs: number;
  longestMs: number;
  /** After a refusal: somebody has to change something first. */
  refusedMs: number;
};

const PAUSES: Pauses = { firstMs: 1_000, longestMs: 300_000, refusedMs: 3_600_000 };
/** A connection that held so long was a good one. */
const GOOD_MS = 60_000;

export type ListenOptions = {
  adapter: Pick<Adapter, 'listen'>;
  signal: AbortSignal;
  log: Logger;
  /** Nothing is repeated that was told before: read now. */
  onOpen: () => void;
  onFinished: (externalId: string) => void;
  onClose: () => void;
  pauses?: Pauses | undefined;
};

/** Ends with the signal, or when the source tells nothing by itself. */
export async function keepListening(options: ListenOptions): Promise<void> {
  const { adapter, signal, log, onOpen, onFinished, onClose, pauses = PAUSES } = options;
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
    onClose();
    if (signal.aborted) return;
    if (cause !== null && !(cause instanceof SourceError)) throw cause;
    const wasGood = openedAt !== null && performance.now() - openedAt >= GOOD_MS;
    failures = wasGood ? 1 : failures + 1;
    const level = failures === 1 || cause?.retryable === false ? 'warn' : 'debug';
    log[level]({ err: cause, heard, noise, failures }, 'events are not heard: jobs are found by the poll meanwhile');
    const most = Math.min(pauses.longestMs, pauses.firstMs * 2 ** (failures - 1));
    // Half of it at random: masters that come back are not met by all at once.
    const pause = cause?.retryable === false ? pauses.refusedMs : most / 2 + (Math.random() * most) / 2;
    await wait(pause, null, { signal }).catch(() => null);
  }
}
