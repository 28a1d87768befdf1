/** Results as text: a line each, of the same columns in every format, and a last line that says that it is the last. */
import { metadataOf } from '#store/detail.ts';
import type { NamedJob } from '#store/job-head.ts';
import type { TestCaseRow } from '#store/test-case.ts';
import { toInstant } from './scalars.ts';

export const FORMATS = ['ndjson', 'csv'] as const;
export type Format = (typeof FORMATS)[number];
export const CONTENT_TYPE: Record<Format, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

type Cell = string | number | null;
type Column<Of> = readonly [name: string, read: (of: Of) => Cell];

const JOB: readonly Column<NamedJob>[] = [
  ['source', (job) => job.slug],
  ['job', (job) => job.externalId],
  ['submitTime', (job) => toInstant(job.submitAt)],
  ['health', (job) => job.health],
  ['failureClass', (job) => job.failureClass],
  ['deviceType', (job) => job.deviceType],
  ['device', (job) => job.device],
  ['project', (job) => job.project],
  ['build', (job) => job.build],
];
const CASE: readonly Column<TestCaseRow>[] = [
  ['externalId', (row) => row.externalId],
  ['suite', (row) => row.suite],
  ['set', (row) => row.set],
  ['name', (row) => row.name],
  ['occurrence', (row) => row.occurrence],
  ['result', (row) => row.result],
  ['measurement', (row) => row.measurement],
  ['units', (row) => row.units],
  ['startLogLine', (row) => row.startLogLine],
  ['endLogLine', (row) => row.endLogLine],
  ['loggedAt', (row) => (row.loggedAt === null ? null : toInstant(row.loggedAt))],
];
const METADATA: Column<TestCaseRow> = ['metadata', metadataOf];

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

export type Writer = {
  head: string;
  lines(job: NamedJob, rows: readonly TestCaseRow[]): string;
  end(summary: Summary): string;
};

export function createWriter(format: Format, withMetadata: boolean): Writer {
  const columns = withMetadata ? [...CASE, METADATA] : CASE;
  return format === 'csv' ? csv(columns) : ndjson(columns);
}

function ndjson(columns: readonly Column<TestCaseRow>[]): Writer {
  const members = <Of>(of: Of, list: readonly (readonly [string, (of: Of) => Cell])[]) =>
    list.reduce((text, [key, read]) => text + key + JSON.stringify(read(of)), '');
  const keyed = <Of>(list: readonly Column<Of>[]) => list.map(([name, read]) => [`,"${name}":`, read] as const);
  const [ofJob, ofCase] = [keyed(JOB), keyed(columns)];
  return {
    head: '',
    lines(job, rows) {
      const start = `{${members(job, ofJob).slice(1)}`;
      return rows.reduce((text, row) => `${text}${start}${members(row, ofCase)}}\n`, '');
    },
    end: (summary) => `${JSON.stringify({ end: summary })}\n`,
  };
}

function csv(columns: readonly Column<TestCaseRow>[]): Writer {
  const cells = <Of>(of: Of, list: readonly Column<Of>[]) => list.map(([, read]) => cell(read(of))).join(',');
  return {
    head: `${[...JOB, ...columns].map(([name]) => name).join(',')}\n`,
    lines(job, rows) {
      const start = cells(job, JOB);
      return rows.reduce((text, row) => `${text}${start},${cells(row, columns)}\n`, '');
    },
    end: ({ results, jobs, jobsWithoutResults, coverage }) =>
      `# end: ${results} results of ${jobs} jobs; ${jobsWithoutResults} more jobs without their results; ${said(coverage)}\n`,
  };
}

function said({ complete, asOf, sources }: Coverage): string {
  const behind = sources.filter(({ status, openGaps }) => status !== 'HEALTHY' || openGaps !== 0);
  const names = behind.map(({ source, status, openGaps }) => `${source} is ${status} with ${openGaps ?? 'some'} gaps`);
  return [`coverage ${complete ? 'complete' : 'incomplete'} as of ${asOf}`, ...names].join('; ');
}

const NUMBER = /^-?\d+(\.\d+)?(E[+-]?\d+)?$/i;
/** What a spreadsheet would take for a formula, full-width signs too. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const QUOTED = /[",\r\n]/;

/** RFC 4180; what could be a formula begins with an apostrophe. */
function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
