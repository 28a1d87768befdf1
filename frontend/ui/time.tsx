import { roughly } from './duration.ts';

const two = (n: number) => String(n).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "2026-06-01 00:52:06 UTC". */
export function absolute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

/** "00:52:06". */
export function clockTime(at: string): string {
  return at.slice(11, 19);
}

/** "1 Jun", with the year unless it is the current one. */
export function day(at: string | Date, now = new Date()): string {
  const date = new Date(at);
  const year = date.getUTCFullYear() === now.getUTCFullYear() ? '' : ` ${date.getUTCFullYear()}`;
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}${year}`;
}

/** Seconds from then to now; negative when it lies ahead. */
export function secondsSince(at: string): number {
  return (Date.now() - Date.parse(at)) / 1000;
}

/** An age, with the instant in UTC on hover and for assistive technology. In a browser it stays what the server drew. */
export function Age({ at, suffix = '' }: { at: string; suffix?: string }) {
  const age = secondsSince(at);
  return (
    <time dateTime={at} title={absolute(at)} suppressHydrationWarning>
      {age < -1 ? `in ${roughly(-age)}` : `${roughly(age)}${suffix}`}
    </time>
  );
}

/** An instant: the time today, else the day and the time. */
export function Instant({ at, seconds = true }: { at: string; seconds?: boolean }) {
  const now = new Date();
  const today = at.slice(0, 10) === `${now.getUTCFullYear()}-${two(now.getUTCMonth() + 1)}-${two(now.getUTCDate())}`;
  const time = seconds ? at.slice(11, 19) : at.slice(11, 16);
  return (
    <time dateTime={at} title={absolute(at)}>
      {today ? time : `${day(at, now)} ${time}`}
    </time>
  );
}
