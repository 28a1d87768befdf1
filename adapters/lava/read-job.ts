/** One job with all it left behind, as a consistent whole. */
import type { JobChange, JobResults, Rejected, SuiteRecord } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import type { Client } from './client.ts';
import { type JobSurroundings, jobError, type Note, STEPS_SUITE, toCaseRecord, toJobRecord } from './map.ts';
import type { CaseRow, JobRow } from './schema.ts';

const ATTEMPTS = 4;

export type ReadJob = { change: JobChange; rejected: Rejected[] };

/** The row as a record, without results. */
export function withoutResults(row: JobRow, around: JobSurroundings, redact: (text: string) => string): ReadJob {
  const { job, notes } = toJobRecord(row, around);
  return { change: { job, results: null, settled: row.state === 'Finished' }, rejected: keep(notes, row, redact) };
}

/**
 * The row with its results. While they may still move, counts are compared after reading, and it is read again until
 * they stand still.
 * @returns null when the job went away meanwhile, or may not be read.
 */
export async function readFinished(
  client: Client,
  slug: string,
  row: JobRow,
  around: JobSurroundings,
  settled: boolean,
  signal: AbortSignal,
): Promise<ReadJob> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const suites = await client.suites(row.id, signal);
    const cases = await client.cases(row.id, signal);
    if (!suites || !cases) continue;
    const log = await client.log(row.id, signal);
    if (!settled && (await client.caseCount(row.id, signal)) !== cases.count) continue;
    const grouped = group(row, suites.rows, cases.rows, client.http.redact);
    if (!grouped) continue;
    const { job, notes } = toJobRecord(row, around);
    const steps = grouped.suites.find((suite) => suite.isSteps)?.cases ?? [];
    const results: JobResults = { suites: grouped.suites, log };
    return {
      change: { job: { ...job, ...jobError(steps) }, results, settled },
      rejected: [...keep(notes, row, client.http.redact), ...suites.rejected, ...cases.rejected, ...grouped.rejected],
    };
  }
  throw new SourceError(
    'SERVER_ERROR',
    slug,
    `the results of job ${row.id} did not stand still over ${ATTEMPTS} readings; nothing of them is stored, they are read again`,
  );
}

/** Cases under their suites, in order of id; null when a case names a suite that was not there yet. */
function group(row: JobRow, suiteRows: readonly { id: number; name: string }[], caseRows: readonly CaseRow[], redact: (text: string) => string) {
  const suites = new Map<number, SuiteRecord>();
  for (const { id, name } of suiteRows) suites.set(id, { externalId: id, name, isSteps: name === STEPS_SUITE, cases: [] });
  const rejected: Rejected[] = [];
  for (const caseRow of caseRows) {
    const suite = suites.get(caseRow.suite);
    if (!suite) return null;
    const { record, notes } = toCaseRecord(caseRow, String(row.id));
    suite.cases.push(record);
    rejected.push(...keep(notes, caseRow, redact));
  }
  return { suites: [...suites.values()], rejected };
}

function keep(notes: readonly Note[], row: object, redact: (text: string) => string): Rejected[] {
  return notes.map((note) => ({ ...note, raw: redact(JSON.stringify(row)) }));
}
