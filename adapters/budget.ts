import { setTimeout as sleep } from 'node:timers/promises';

const MINUTE = 60_000;

export type Budget = {
  /** Waits until one more request is within the budget. @throws the signal's reason when it is aborted. */
  take(signal: AbortSignal): Promise<void>;
  usedLastMinute(): number;
};

/** At most `perMinute` requests in any minute. */
export function createBudget(perMinute: number): Budget {
  const taken: number[] = [];
  const forget = () => {
    const since = performance.now() - MINUTE;
    while (taken.length > 0 && (taken[0] ?? 0) <= since) taken.shift();
  };
  return {
    async take(signal) {
      for (;;) {
        signal.throwIfAborted();
        forget();
        if (taken.length < perMinute) {
          taken.push(performance.now());
          return;
        }
        await sleep(Math.max(1, (taken[0] ?? 0) + MINUTE - performance.now()), undefined, { signal });
      }
    },
    usedLastMinute() {
      forget();
      return taken.length;
    },
  };
}
