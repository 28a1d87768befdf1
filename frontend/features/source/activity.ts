import type { LabRowFragment } from '@/graphql/graphql.ts';

type Day = LabRowFragment['activity'][number];

/** Jobs that ended on a day. */
export function endedOn({ jobs }: Day): number {
  return jobs.complete + jobs.incomplete + jobs.canceled;
}

/** The last days' share of jobs that the lab failed, and the newest day alone. */
export function activityOf(days: readonly Day[]) {
  const today = days.at(-1);
  const ended = days.reduce((sum, day) => sum + endedOn(day), 0);
  const infra = days.reduce((sum, { jobs }) => sum + jobs.infrastructure, 0);
  return {
    today: today ? endedOn(today) : 0,
    infraToday: today?.jobs.infrastructure ?? 0,
    ended,
    infra,
    rates: days.map((day) => (endedOn(day) > 0 ? day.jobs.infrastructure / endedOn(day) : 0)),
  };
}
