import { pino } from 'pino';
import { expect, test } from 'vitest';
import { whenPossible } from '#ingest/when-possible.ts';
import { StoreUnavailable } from '#store/error.ts';

const log = pino({ level: 'silent' });
const full = () => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });

test('what passes by itself is waited for, what does not is thrown', async () => {
  const errors = [new StoreUnavailable('db'), full(), new Error('a defect')];
  let done = 0;
  const work = async () => {
    const error = errors.shift();
    if (error) throw error;
    done += 1;
  };
  const patience = { log, signal: new AbortController().signal, retryMs: 1 };
  await expect(whenPossible(work, patience)).rejects.toThrow('a defect');
  await whenPossible(work, patience);
  expect(done).toBe(1);
});

test('a stop ends the waiting', async () => {
  const stop = new AbortController();
  const waiting = whenPossible(() => Promise.reject(full()), { log, signal: stop.signal, retryMs: 3_600_000 });
  stop.abort();
  await waiting;
});
