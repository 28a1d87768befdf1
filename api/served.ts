/** What this server answered in the place of the sources, hour by hour: in memory, and no further back than a day. */

export type Served = {
  noteJob(slug: string): void;
  of(slug: string): { since: number; jobAnswers: number };
};

const HOUR = 3_600_000_000;
const HOURS = 24;

/** Instants are microseconds. */
export function createServed(startedAt: number, now: () => number): Served {
  let hours: { hour: number; jobs: Map<string, number> }[] = [];
  const recent = () => {
    const hour = Math.floor(now() / HOUR);
    hours = hours.filter((one) => one.hour > hour - HOURS);
    return hour;
  };
  return {
    noteJob(slug) {
      const hour = recent();
      let last = hours.at(-1);
      if (last?.hour !== hour) {
        last = { hour, jobs: new Map() };
        hours.push(last);
      }
      last.jobs.set(slug, (last.jobs.get(slug) ?? 0) + 1);
    },
    of(slug) {
      const hour = recent();
      return {
        since: Math.max(startedAt, (hour - HOURS + 1) * HOUR),
        jobAnswers: hours.reduce((sum, { jobs }) => sum + (jobs.get(slug) ?? 0), 0),
      };
    },
  };
}
