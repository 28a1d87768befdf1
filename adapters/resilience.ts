/** Retries with jitter, a breaker and a bulkhead around the requests of one source. */
import {
  BrokenCircuitError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import { SourceError } from './error.ts';

const ATTEMPTS = 4;
const FIRST_MS = 500;
const LONGEST_MS = 20_000;
const OPEN_MS = 30_000;

export type Resilience = { execute<T>(ask: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> };

export function createResilience(slug: string, concurrent: number): Resilience {
  const retryable = handleWhen((error) => error instanceof SourceError && error.retryable);
  const breaker = circuitBreaker(retryable, { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(ATTEMPTS + 4) });
  const policy = wrap(
    bulkhead(concurrent, Number.POSITIVE_INFINITY),
    retry(retryable, {
      maxAttempts: ATTEMPTS - 1,
      backoff: new DelegateBackoff(({ attempt, result }) => {
        const told = 'error' in result && result.error instanceof SourceError ? result.error.retryAfterMs : null;
        if (told !== null) return told;
        return Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
      }),
    }),
    breaker,
  );
  return {
    async execute(ask, signal) {
      try {
        return await policy.execute(({ signal: inner }) => {
          inner.throwIfAborted();
          return ask(inner);
        }, signal);
      } catch (cause) {
        if (cause instanceof BrokenCircuitError) {
          throw new SourceError('UNREACHABLE', slug, `failed ${ATTEMPTS + 4} times in a row; it is left alone for ${OPEN_MS / 1000} s`, { cause });
        }
        signal.throwIfAborted();
        throw cause;
      }
    },
  };
}
