/** Hours of a lab's own day in which only what is new is read. */
import type { Micros } from '#schema/records.ts';
import { type QuietHours, WEEKDAYS } from '#schema/source-settings.ts';

type Day = (typeof WEEKDAYS)[number];

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
  const day = WEEKDAYS.find((name) => name === part('weekday').toLowerCase());
  if (!day) throw new RangeError(`no day of the week in ${JSON.stringify(parts)}`);
  return { day, time: `${part('hour')}:${part('minute')}` };
}

function dayBefore(day: Day): Day {
  return WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? day;
}
