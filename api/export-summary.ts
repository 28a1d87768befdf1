/** What is said at the end of an export, whatever its format. */
import type { NamedJob } from '#store/job-head.ts';
import type { TestCaseRow } from '#store/test-case.ts';

export type Coverage = {
  complete: boolean;
  /** RFC 3339: everything the sources said until then is here. */
  asOf: string;
  sources: { source: string; status: string; asOf: string | null; openGaps: number | null }[];
};

export type Summary = {
  results: number;
  jobs: number;
  /** Jobs that match and whose single results retention has deleted. */
  jobsWithoutResults: number;
  coverage: Coverage;
};

export type Writer<Piece> = {
  head: Piece;
  /** Some results of a job, perhaps none, in the order of the jobs. */
  lines(job: NamedJob, rows: readonly TestCaseRow[]): Piece;
  end(summary: Summary): Piece;
};

export function endText({ results, jobs, jobsWithoutResults, coverage }: Summary): string {
  return `end: ${results} results of ${jobs} jobs; ${jobsWithoutResults} more jobs without their results; ${said(coverage)}`;
}

function said({ complete, asOf, sources }: Coverage): string {
  const behind = sources.filter(({ status, openGaps }) => status !== 'HEALTHY' || openGaps !== 0);
  const names = behind.map(({ source, status, openGaps }) => `${source} is ${status} with ${openGaps ?? 'some'} gaps`);
  return [`coverage ${complete ? 'complete' : 'incomplete'} as of ${asOf}`, ...names].join('; ');
}
