/** Work that waits for what comes back by itself: the server of the store, room on its disk. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { StoreUnavailable } from '#store/error.ts';
import { isDiskFull } from '#store/room.ts';

const RETRY_MS = 5_000;

export type Patience = { log: Logger; signal: AbortSignal; retryMs?: number };

/** Tries again until it is done or the signal comes; what does not pass by itself is thrown. */
export async function whenPossible(
  work: () => Promise<void>,
  { log, signal, retryMs = RETRY_MS }: Patience,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof StoreUnavailable || isDiskFull(cause))) throw cause;
      log.error({ err: cause }, 'waiting for the store');
      await wait(retryMs, null, { signal }).catch(() => null);
    }
  }
}
