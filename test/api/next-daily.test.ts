import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextDaily } from '#api/next-daily.ts';

const at = (text: string) => Date.parse(text) * 1000;
const next = (now: string, hour: number, zone: string) =>
  new Date(nextDaily(at(now), { hour, zone }) / 1000).toISOString();

test('the hour of a zone, over the jumps of its clock', () => {
  expect(next('2026-03-28T12:00:00Z', 2, 'Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z');
  expect(next('2026-10-24T12:00:00Z', 2, 'Europe/Berlin')).toBe('2026-10-25T00:00:00.000Z');
  expect(next('2026-10-25T00:00:00Z', 2, 'Europe/Berlin')).toBe('2026-10-26T01:00:00.000Z');
  expect(next('2026-06-01T00:00:00Z', 9, 'Asia/Kathmandu')).toBe('2026-06-01T03:15:00.000Z');
  // Samoa had no 30 December 2011; Lord Howe jumps by half an hour.
  expect(next('2011-12-29T20:00:00Z', 9, 'Pacific/Apia')).toBe('2011-12-30T19:00:00.000Z');
  expect(next('2026-10-03T12:00:00Z', 2, 'Australia/Lord_Howe')).toBe('2026-10-03T15:30:00.000Z');
});

test('one a day of the calendar, each day, at that hour wherever the clock shows it', () => {
  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'UTC');
  const instant = fc.integer({ min: at('2015-01-01T00:00:00Z') / 1e6, max: at('2030-01-01T00:00:00Z') / 1e6 });
  fc.assert(
    fc.property(zone, fc.integer({ min: 0, max: 23 }), instant, (zone, hour, second) => {
      const shown = (us: number) => {
        const format = { timeZone: zone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'short' } as const;
        return new Intl.DateTimeFormat('sv', format).format(us / 1000);
      };
      const dates: string[] = [];
      let now = second * 1e6;
      for (let i = 0; i < 4; i++) {
        const found = nextDaily(now, { hour, zone });
        expect(found).toBeGreaterThan(now);
        expect(found - now).toBeLessThanOrEqual(26 * 3_600e6);
        const [date = '', time = ''] = shown(found).split(' ');
        // Later by no more than a jump.
        expect([hour, hour + 1]).toContain(Number(time.slice(0, 2)));
        dates.push(date);
        now = found;
      }
      expect(new Set(dates).size).toBe(4);
    }),
  );
});
