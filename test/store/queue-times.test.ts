/** Waiting times that come and go in any order, and what is read of them, against a list with a row a job. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EnvironmentRow } from '#store/environment.ts';
import { readQueueTimes } from '#store/queue-times.ts';
import { addWaits, BUCKETS, packWaits, queueBucket, type Wait } from '#store/queue-week.ts';
import { temporaryWriter } from './temporary.ts';

const ENVIRONMENTS = [1, 2, 3].map(
  (id): EnvironmentRow => ({ id, sourceId: id, slug: `s${id}`, deviceTypeId: 1, deviceType: 'qemu', ownType: 'qemu' }),
);
const LONGEST = (2 * Number.MAX_SAFE_INTEGER) / 1_000_000;
const FIRST_DAY = 19_990;
const SPAN = 150;

const jobOf = (firstDay: number, span: number) =>
  fc.record({
    envId: fc.constantFrom(1, 2, 3),
    day: fc.integer({ min: firstDay, max: firstDay + span - 1 }),
    bucket: fc.oneof(
      fc.integer({ min: 0, max: 100 }),
      fc.double({ min: 0, max: LONGEST, noNaN: true }).map(queueBucket),
    ),
    jobs: fc.constant(1),
  });

test('the longest wait that can be told has a bucket', () => {
  expect(queueBucket(LONGEST)).toBeLessThan(BUCKETS);
  expect([queueBucket(-5), queueBucket(0)]).toEqual([0, 0]);
});

test('any order of coming and going leaves the bytes of what is left', () => {
  const monday = FIRST_DAY + 1;
  fc.assert(
    fc.property(fc.array(jobOf(monday, 7)), fc.array(jobOf(monday, 7)), fc.nat(), (stay, leave, cut) => {
      const away = leave.map((wait) => ({ ...wait, jobs: -1 }));
      const steps = [...leave, ...stay];
      const until = steps.length === 0 ? 0 : cut % steps.length;
      const first = packWaits(steps.slice(0, until));
      const all = packWaits(steps.slice(until), first);

      expect(packWaits(away, all)).toEqual(packWaits(stay));
      expect(packWaits([...away, ...stay.map((wait) => ({ ...wait, jobs: -1 }))], all)).toHaveLength(0);
    }),
  );
});

/** As many jobs as the share says, from the shortest wait on; the middle of the bucket of the last. */
function quantileOf(waits: readonly Wait[], quantile: number): number {
  const sorted = waits.map(({ bucket }) => bucket).sort((a, b) => a - b);
  const last = sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? 0;
  return 2 ** ((last + 0.5) / 8) - 1;
}

test('days and weeks are told as from a list of jobs', async () => {
  const { store } = await temporaryWriter();
  const days = fc.tuple(fc.nat(SPAN), fc.nat(SPAN)).map(([a, b]) => ({
    from: FIRST_DAY + Math.min(a, b),
    until: FIRST_DAY + Math.max(a, b) + 1,
  }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(jobOf(FIRST_DAY, SPAN), { maxLength: 60 }),
      days,
      fc.constantFrom(0.5, 0.95),
      fc.constantFrom<number[][]>([[0, 1, 2]], [[0], [1], [2]], [[2, 0]]),
      async (jobs, { from, until }, quantile, grouping) => {
        await store.sql.run('DELETE FROM queue_week');
        for (const half of [jobs.slice(0, 20), jobs.slice(20)]) await addWaits(store.sql, half);
        const groups = grouping.map((places) => ENVIRONMENTS.filter((_, i) => places.includes(i)));
        const expected = (start: (day: number) => number, inside: (day: number) => boolean) =>
          groups.flatMap((environments) => {
            const own = jobs.filter(({ envId, day }) => inside(day) && environments.some(({ id }) => id === envId));
            return [...Map.groupBy(own, ({ day }) => start(day))].map(([day, same]) => ({
              environments,
              day,
              n: same.length,
              value: quantileOf(same, quantile),
            }));
          });
        const order = (times: readonly { environments: readonly EnvironmentRow[]; day: number }[]) =>
          times.toSorted((a, b) => (a.environments[0]?.id ?? 0) - (b.environments[0]?.id ?? 0) || a.day - b.day);
        const monday = (day: number) => day - ((day + 3) % 7);

        const byDay = await readQueueTimes(store, groups, { quantile, isWeek: false, days: { from, until } }, 10_000);
        expect(order(byDay)).toEqual(
          order(
            expected(
              (day) => day,
              (day) => day >= from && day < until,
            ),
          ),
        );
        const whole = { from: monday(from), until: monday(until - 1) + 7 };
        const byWeek = await readQueueTimes(store, groups, { quantile, isWeek: true, days: whole }, 10_000);
        expect(order(byWeek)).toEqual(order(expected(monday, (day) => day >= whole.from && day < whole.until)));
      },
    ),
    { numRuns: 60 },
  );
});
