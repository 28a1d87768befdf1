import { expect, test } from 'vitest';
import { failureFields, jobsByDay, sinceOf, toFailureFilter } from '../../frontend/features/failure/failure-filter.ts';

const NOW = new Date('2026-03-31T12:00:00Z');
const FIELDS = failureFields([], []);

test('without a day, failures of the last 30 days are asked for', () => {
  expect(sinceOf(FIELDS, {}, NOW)).toBe('2026-03-02');
  expect(sinceOf(FIELDS, { since: ['no day'] }, NOW)).toBe('2026-03-02');
  expect(sinceOf(FIELDS, { since: ['2026-01-05'] }, NOW)).toBe('2026-01-05');
});

test('what the API does not know is not asked for', () => {
  const filters = { class: ['Bug', 'Weather'], kind: ['Kernel'], since: ['2026-01-05'], lab: ['alpha'] };
  expect(toFailureFilter(FIELDS, filters)).toEqual({
    scope: { sources: ['alpha'], deviceTypes: undefined, since: '2026-01-05T00:00:00Z' },
    class: ['BUG'],
    kind: ['KERNEL_FAULT'],
  });
});

test('a trend has every day to today, and no more than a year', () => {
  const days = [{ at: '2026-03-30T00:00:00.000Z', jobs: 4 }];
  expect(jobsByDay(days, '2026-03-29', NOW)).toEqual([0, 4, 0]);
  expect(jobsByDay(days, '2020-01-01', NOW)).toHaveLength(366);
  expect(jobsByDay(days, '2026-04-02', NOW)).toEqual([]);
});
