import { expect, onTestFinished, test, vi } from 'vitest';
import { createBudget } from '#adapters/budget.ts';

const signal = new AbortController().signal;
const MINUTE = 60_000;

function withClock() {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Whether one more request may go now. */
async function isWithin(budget: ReturnType<typeof createBudget>): Promise<boolean> {
  const now = new AbortController();
  const taken = budget.take(now.signal).then(
    () => true,
    () => false,
  );
  now.abort();
  return taken;
}

test('no minute has more requests than are allowed', async () => {
  withClock();
  const budget = createBudget({ perMinute: 3 });
  for (let i = 0; i < 3; i++) {
    await budget.take(signal);
    vi.advanceTimersByTime(1000);
  }
  expect(await isWithin(budget)).toBe(false);
  vi.advanceTimersByTime(MINUTE - 3001);
  expect([budget.usedLastMinute(), await isWithin(budget)]).toEqual([3, false]);
  vi.advanceTimersByTime(2);
  expect(budget.usedLastMinute()).toBe(2);
  expect(await isWithin(budget)).toBe(true);
});

test('what is over the megabytes of an hour waits for the hour to pass', async () => {
  withClock();
  const budget = createBudget({ perMinute: 1000, megabytesPerHour: 2 });
  budget.spend(1_500_000);
  vi.advanceTimersByTime(10 * MINUTE);
  expect(await isWithin(budget)).toBe(true);
  budget.spend(600_000);
  expect(await isWithin(budget)).toBe(false);
  vi.advanceTimersByTime(49 * MINUTE);
  expect(await isWithin(budget)).toBe(false);
  vi.advanceTimersByTime(2 * MINUTE);
  expect(await isWithin(budget)).toBe(true);
});

test('what costs as much as several requests counts as so many, and is not kept out for good', async () => {
  withClock();
  const budget = createBudget({ perMinute: 6 });
  await budget.take(signal, 4);
  await budget.take(signal, 2);
  expect([budget.usedLastMinute(), await isWithin(budget)]).toEqual([6, false]);
  vi.advanceTimersByTime(MINUTE + 1);
  await budget.take(signal, 10);
  expect([budget.usedLastMinute(), await isWithin(budget)]).toEqual([6, false]);
});
