/** What may be said of a source, in the configuration and in the browser alike. */
import { z } from 'zod';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day, "00:00" to "23:59"');

export const QuietHours = z
  .strictObject({
    from: clock,
    to: clock,
    timeZone: z.string().refine(isTimeZone, 'write a time zone as "Europe/London"').default('UTC'),
    /** Days on which they begin. */
    days: z
      .array(z.enum(WEEKDAYS, `use ${WEEKDAYS.join(', ')}`))
      .min(1, 'name a day')
      .default([...WEEKDAYS]),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'write another time than that of from' });
export type QuietHours = z.infer<typeof QuietHours>;

const DAYS = 'write whole days, 1 or more; what is not named is kept for ever';
const days = z.int(DAYS).min(1, DAYS).optional();

/** How many days after its submission a job's parts are deleted. */
export const RetentionDays = z
  .strictObject({ logs: days, detail: days, results: days, rollups: days })
  .superRefine(({ logs, detail, results, rollups }, context) => {
    const within = (part: string, n: number | undefined, whole: string, limit: number | undefined) => {
      if (n === undefined || limit === undefined || n <= limit) return;
      const message = `${n} days are more than the ${limit} of ${whole}, which take ${part} with them; give ${part} at most ${limit}`;
      context.addIssue({ code: 'custom', path: [part], message });
    };
    within('logs', logs, 'results', results);
    within('detail', detail, 'results', results);
    within('logs', logs, 'rollups', rollups);
    within('detail', detail, 'rollups', rollups);
    within('results', results, 'rollups', rollups);
  });

const MEGABYTES = 'write 1 to 1,000,000 megabytes';
/** Of answers. */
export const MegabytesPerHour = z.int(MEGABYTES).min(1, MEGABYTES).max(1_000_000, MEGABYTES);

/** Of a master that is new here, which jobs of its past are read first. */
export const HistoryOrder = z.enum(['newest', 'oldest'], 'use newest or oldest');
export type HistoryOrder = z.infer<typeof HistoryOrder>;

/** A name of the IANA database that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
