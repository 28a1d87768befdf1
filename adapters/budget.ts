import { setTimeout as sleep } from 'node:timers/promises';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

export type Budget = {
  /**
   * Waits until one more request is within the budget; one that costs as much as several counts as so many, at most all of a minute's.
   * @throws the signal's reason when it is aborted.
   */
  take(signal: AbortSignal, weight?: number): Promise<void>;
  /** So many bytes came. */
  spend(bytes: number): void;
  usedLastMinute(): number;
  /** Whether the next request has to wait. */
  isUsedUp(): boolean;
};

export type BudgetLimits = { perMinute: number; megabytesPerHour?: number | undefined };

/** At most `perMinute` requests in any minute, and none after more than `megabytesPerHour` in the hour before. */
export function createBudget({ perMinute, megabytesPerHour }: BudgetLimits): Budget {
  const requests = createWindow(MINUTE);
  const spent = createWindow(HOUR, SECOND);
  const mostBytes = megabytesPerHour === undefined ? Number.POSITIVE_INFINITY : megabytesPerHour * 1_000_000;
  const wait = (below = perMinute) => Math.max(requests.untilBelow(below), spent.untilBelow(mostBytes));
  return {
    async take(signal, weight = 1) {
      const counted = Math.min(weight, perMinute);
      for (;;) {
        signal.throwIfAborted();
        const ms = wait(perMinute - counted + 1);
        if (ms <= 0) {
          requests.add(counted);
          return;
        }
        await sleep(Math.max(1, ms), undefined, { signal });
      }
    },
    spend: (bytes) => spent.add(bytes),
    usedLastMinute: () => requests.sum(),
    isUsedUp: () => wait() > 0,
  };
}

/** A sum over the last so many milliseconds; what is added within a grain goes as one. */
function createWindow(ms: number, grain = 0) {
  const added: { at: number; amount: number }[] = [];
  let sum = 0;
  const forget = () => {
    const since = performance.now() - ms;
    while (added[0] && added[0].at <= since) sum -= added.shift()?.amount ?? 0;
  };
  return {
    add(amount: number) {
      forget();
      const now = performance.now();
      const last = added.at(-1);
      if (last && now - last.at < grain) last.amount += amount;
      else added.push({ at: now, amount });
      sum += amount;
    },
    sum() {
      forget();
      return sum;
    },
    /** How long until the sum is below a limit, if nothing is added. */
    untilBelow(limit: number): number {
      forget();
      let left = sum;
      let until = 0;
      for (const { at, amount } of added) {
        if (left < limit) break;
        left -= amount;
        until = at + ms - performance.now();
      }
      return until;
    },
  };
}
