/** Results as text: a line each, of the same columns in every format but JUnit, and a last line that says that it is the last. */
import { metadataOf } from '#store/detail.ts';
import type { NamedJob } from '#store/job-head.ts';
import type { TestCaseRow } from '#store/test-case.ts';
import { type JunitOptions, junit } from './export-junit.ts';
import { endText, type Writer } from './export-summary.ts';
import { toInstant } from './scalars.ts';

export const FORMATS = ['ndjson', 'csv', 'junit', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];
export const CONTENT_TYPE: Record<Format, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  junit: 'application/xml; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};
/** How the name of a file of the format ends. */
export const EXTENSION: Record<Format, string> = {
  ndjson: 'ndjson',
  csv: 'csv',
  junit: 'xml',
  parquet: 'parquet',
};

export type Cell = string | number | null;
export type Column<Of> = readonly [name: string, read: (of: Of) => Cell];

export const JOB: readonly Column<NamedJob>[] = [
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

export function caseColumns(withMetadata: boolean): readonly Column<TestCaseRow>[] {
  return withMetadata ? [...CASE, METADATA] : CASE;
}

/** Of the formats that are text. */
export function createWriter(format: Exclude<Format, 'parquet'>, options: JunitOptions): Writer<string> {
  if (format === 'junit') return junit(options);
  const columns = caseColumns(options.withMetadata);
  return format === 'csv' ? csv(columns) : ndjson(columns);
}

function ndjson(columns: readonly Column<TestCaseRow>[]): Writer<string> {
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

function csv(columns: readonly Column<TestCaseRow>[]): Writer<string> {
  const cells = <Of>(of: Of, list: readonly Column<Of>[]) => list.map(([, read]) => cell(read(of))).join(',');
  return {
    head: `${[...JOB, ...columns].map(([name]) => name).join(',')}\n`,
    lines(job, rows) {
      const start = cells(job, JOB);
      return rows.reduce((text, row) => `${text}${start},${cells(row, columns)}\n`, '');
    },
    end: (summary) => `# ${endText(summary)}\n`,
  };
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
