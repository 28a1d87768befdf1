/** Retries with jitter, a breaker and a bulkhead around the requests of one source. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokenCircuitError, bulkhead, ConsecutiveBreaker, circuitBreaker, handleWhen, retry, wrap } from 'cockatiel';
import { SourceError } from './error.ts';

const ATTEMPTS = 4;
const FAILURES = 8;
const LONGEST_MS = 20_000;
const OPEN_MS = 30_000;

export type Resilience = {
  /** `once`: without a second try. @throws the signal's reason when it is aborted, at every wait. */
  execute<T>(ask: (signal: AbortSignal) => Promise<T>, signal: AbortSignal, once?: boolean): Promise<T>;
};

/** `attempts`: of one request, the first included. */
export function createResilience(slug: string, concurrent: number, firstMs: number, attempts = ATTEMPTS): Resilience {
  const retryable = handleWhen((error) => error instanceof SourceError && error.retryable);
  const breaker = circuitBreaker(retryable, { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(FAILURES) });
  // The pause is taken inside the attempt: cockatiel's own cannot be aborted.
  const room = bulkhead(concurrent, Number.POSITIVE_INFINITY);
  const retrying = wrap(room, retry(retryable, { maxAttempts: attempts - 1 }), breaker);
  const single = wrap(room, breaker);
  let last: SourceError | null = null;
  return {
    async execute(ask, signal, once = false) {
      let failed: SourceError | null = null;
      const attempt = async (inner: AbortSignal, number: number) => {
        if (failed) await sleep(pauseMs(failed, number, firstMs), undefined, { signal: inner });
        inner.throwIfAborted();
        try {
          return await ask(inner);
        } catch (cause) {
          failed = cause instanceof SourceError ? cause : null;
          last = failed ?? last;
          throw cause;
        }
      };
      try {
        if (once) return await single.execute(({ signal: inner }) => attempt(inner, 0), signal);
        return await retrying.execute(({ signal: inner, attempt: number }) => attempt(inner, number), signal);
      } catch (cause) {
        signal.throwIfAborted();
        if (cause instanceof BrokenCircuitError) {
          const why = last ? `, at last because: ${last.message.slice(slug.length + 2)}` : '';
          const message = `failed ${FAILURES} times in a row and is left alone for ${OPEN_MS / 1000} s${why}`;
          throw new SourceError('UNREACHABLE', slug, message, { cause });
        }
        throw cause;
      }
    },
  };
}

/** What the source asked for, else full jitter. */
function pauseMs(failed: SourceError, attempt: number, firstMs: number): number {
  return failed.retryAfterMs ?? Math.random() * Math.min(LONGEST_MS, firstMs * 2 ** attempt);
}
