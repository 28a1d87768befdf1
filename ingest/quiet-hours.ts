/** Hours of a lab's own day in which only what is new is read. */
import { z } from 'zod';
import type { Micros } from '#schema/records.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Day = (typeof DAYS)[number];

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day, "00:00" to "23:59"');

export const QuietHours = z
  .strictObject({
    from: clock,
    to: clock,
    timeZone: z.string().refine(isTimeZone, 'write a time zone as "Europe/London"').default('UTC'),
    /** Days on which they begin. */
    days: z
      .array(z.enum(DAYS, `use ${DAYS.join(', ')}`))
      .min(1, 'name a day')
      .default([...DAYS]),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'write another time than that of from' });
export type QuietHours = z.infer<typeof QuietHours>;

/** Those that end after midnight belong to the day on which they begin. */
export function isQuiet({ from, to, timeZone, days }: QuietHours, at: Micros): boolean {
  const { day, time } = localTime(timeZone, at);
  if (from < to) return days.includes(day) && from <= time && time < to;
  return time >= from ? days.includes(day) : time < to && days.includes(dayBefore(day));
}

function localTime(timeZone: string, at: Micros): { day: Day; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at / 1000);
  const part = (wanted: string) => parts.find(({ type }) => type === wanted)?.value ?? '';
  const day = DAYS.find((name) => name === part('weekday').toLowerCase());
  if (!day) throw new RangeError(`no day of the week in ${JSON.stringify(parts)}`);
  return { day, time: `${part('hour')}:${part('minute')}` };
}

function dayBefore(day: Day): Day {
  return DAYS[(DAYS.indexOf(day) + 6) % 7] ?? day;
}

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
