/** A line of a history's table, told briefly: a page may hold 200 lines of 200 builds each. */
import { jobPath, withQuery } from '../../paths.ts';
import { resultOf } from './letters.ts';

export type HistoryLine = {
  name: string;
  /** Before the name: a set, or a device type. */
  before?: string;
  /** Behind it: a device type, or a set. */
  sub?: string;
  /** A letter a column. */
  cells: string;
  /** What is said of now, and whether it is a failure. */
  now: { text: string; isFailing: boolean } | null;
  leads: Leads;
};

/**
 * `test` is what the suite's page is asked for to show the test, with `more` of its filters, and with a build its result;
 * `jobs` has a job a column, of the lab and suite.
 */
type Leads = { test: string; more?: string } | { lab: string; suite: string; jobs: readonly (string | null)[] };

/** To what a cell stands for; relative to the suite's page where it has no jobs. Null where nothing ran. */
export function cellHref({ leads, cells }: HistoryLine, version: string, at: number): string | null {
  const letter = cells[at] ?? '.';
  if (letter === '.') return null;
  if ('test' in leads) return `${leads.test}&${new URLSearchParams({ build: version })}`;
  const job = leads.jobs[at];
  return job == null ? null : casesPath(leads.lab, job, leads.suite, resultOf(letter));
}

/** The cases of the suite with such a result in a job. */
export function casesPath(lab: string, job: string, suite: string, result: string): string {
  return `${withQuery(jobPath(lab, job), { suite, result })}#cases`;
}
