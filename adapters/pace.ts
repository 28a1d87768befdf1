/**
 * Goes easy on a source that has become slow: one request at a time, with rests in between, as long as it takes three
 * times its usual time or more. What is usual is learnt for each kind of request and size of answer.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const SLOW = 3;
const WELL_AGAIN = 1.5;
/** Quicker than this is not slow, whatever it was before. */
const QUICK_MS = 100;
/** So many answers in a row, at their median, tell how the source is. */
const NEWEST = 5;
const LONGEST_REST_MS = 30_000;
/** How far an answer moves what is usual; while the source is slow, that becomes usual only after hundreds of answers. */
const DOWN = 0.2;
const UP = 0.05;
const UP_WHILE_SLOW = 0.002;

export type Pace = {
  /**
   * Asks, in its turn where the source is slow, with no rest before an answer is handed on.
   * @throws the signal's reason when it is aborted.
   */
  run<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T>;
  /** What an answer took. */
  note(kind: string, bytes: number, ms: number): void;
  /** How many times its usual time the source takes; null while it is not slow. */
  slowdown(): number | null;
};

export function createPace(longestRestMs = LONGEST_REST_MS): Pace {
  const usual = new Map<string, number>();
  const newest: number[] = [];
  let slowdown: number | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  async function inTurn<T>(before: Promise<unknown>, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    await unlessAborted(before, signal);
    return ask();
  }

  async function rest(answer: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await answer.catch(() => undefined);
    if (slowdown === null || signal.aborted) return;
    const ms = Math.min(longestRestMs, (performance.now() - startedAt) * (slowdown - 1));
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  return {
    run(signal, ask) {
      if (slowdown === null) return ask();
      const before = turn;
      const answer = inTurn(before, signal, ask);
      turn = before.then(() => rest(answer, signal));
      return answer;
    },
    note(kind, bytes, ms) {
      const key = `${kind} ${Math.round(Math.log2(bytes + 1) / 2)}`;
      const before = usual.get(key) ?? ms;
      const up = before * (1 + (slowdown === null ? UP : UP_WHILE_SLOW));
      usual.set(key, ms < before ? before + (ms - before) * DOWN : Math.min(ms, up));
      newest.push(ms < QUICK_MS ? 1 : ms / before);
      if (newest.length > NEWEST) newest.shift();
      const ratio = newest.toSorted((a, b) => a - b)[NEWEST >> 1] ?? 1;
      slowdown = ratio >= (slowdown === null ? SLOW : WELL_AGAIN) ? ratio : null;
    },
    slowdown: () => slowdown,
  };
}

async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  signal.throwIfAborted();
  try {
    await Promise.race([promise, once(signal, 'abort', { signal: done.signal }).catch(() => undefined)]);
    signal.throwIfAborted();
  } finally {
    done.abort();
  }
}
