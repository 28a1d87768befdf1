import { expect, test } from 'vitest';
import { isQuiet } from '#ingest/quiet-hours.ts';
import { QuietHours } from '#schema/source-settings.ts';

const at = (instant: string) => Date.parse(instant) * 1000;
const quiet = (hours: object, instant: string) => isQuiet(QuietHours.parse(hours), at(instant));

test.each([
  ['07:59', false],
  ['08:00', true],
  ['17:59', true],
  ['18:00', false],
])('from eight to six, at %s: %s', (time, expected) => {
  expect(quiet({ from: '08:00', to: '18:00' }, `2026-11-25T${time}:30Z`)).toBe(expected);
});

test('the hours are those of the lab, summer and winter', () => {
  const hours = { from: '08:00', to: '18:00', timeZone: 'Europe/London' };
  expect(quiet(hours, '2026-07-01T07:30:00Z')).toBe(true);
  expect(quiet(hours, '2026-12-01T07:30:00Z')).toBe(false);
  expect(quiet(hours, '2026-07-01T17:30:00Z')).toBe(false);
});

test('hours over midnight belong to the day on which they begin', () => {
  const hours = { from: '22:00', to: '06:00', days: ['fri'] };
  expect(quiet(hours, '2026-11-27T23:00:00Z')).toBe(true);
  expect(quiet(hours, '2026-11-28T05:59:00Z')).toBe(true);
  expect(quiet(hours, '2026-11-28T06:00:00Z')).toBe(false);
  expect(quiet(hours, '2026-11-27T05:00:00Z')).toBe(false);
  expect(quiet(hours, '2026-11-28T23:00:00Z')).toBe(false);
});

test.each([
  [{ from: '8:00', to: '18:00' }, 'from'],
  [{ from: '08:00', to: '24:00' }, 'to'],
  [{ from: '08:00', to: '08:00' }, 'to'],
  [{ from: '08:00', to: '18:00', timeZone: 'Europe/Atlantis' }, 'timeZone'],
  [{ from: '08:00', to: '18:00', days: ['funday'] }, 'days'],
  [{ from: '08:00', to: '18:00', days: [] }, 'days'],
])('%j is refused at %s', (hours, key) => {
  expect(QuietHours.safeParse(hours).error?.issues[0]?.path[0]).toBe(key);
});
