/** One job with all it left behind, as a consistent whole. */
import type { JobChange, JobResults, Micros, Rejected, SuiteRecord } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import type { Client } from './client.ts';
import { type JobSurroundings, jobError, type Note, STEPS_SUITE, toCaseRecord, toJobRecord } from './map.ts';
import type { CaseRow, JobRow, SuiteRow } from './schema.ts';

const ATTEMPTS = 4;

export type ReadJob = { change: JobChange; rejected: Rejected[] };
export type ReadFinishedJob = ReadJob & { /** There may be a log; it could not be read. */ lacksLog: boolean };

/** The row as a record, without results. */
export function withoutResults(row: JobRow, around: JobSurroundings, redact: (text: string) => string): ReadJob {
  const { job, notes } = toJobRecord(row, around);
  return { change: { job, results: null, settled: false }, rejected: keep(notes, row, redact) };
}

/** How long ago the job ended: `just`: results may still arrive; `lately`: they should not, which is checked. */
export type Age = 'just' | 'lately' | 'long ago';

const SECOND = 1_000_000;
/** The Date header has whole seconds; without one, the clocks may differ by minutes. */
const CLOCK_PRECISION = 2 * SECOND;
const CLOCK_UNKNOWN = 300 * SECOND;
const LATELY = 600 * SECOND;

/** By the master's clock, as far as it is known. */
export function ageOf(endAt: Micros, clock: { now: Micros; offsetMs: number | null; settleSeconds: number }): Age {
  const ago = clock.now + (clock.offsetMs ?? 0) * 1000 - endAt - clock.settleSeconds * SECOND;
  if (ago >= LATELY) return 'long ago';
  return ago >= (clock.offsetMs === null ? CLOCK_UNKNOWN : CLOCK_PRECISION) ? 'lately' : 'just';
}

export type ReadOptions = {
  client: Client;
  slug: string;
  around: JobSurroundings;
  age: Age;
  /** The log was waited for long enough: without it the job is settled, too. */
  withoutLog: boolean;
  signal: AbortSignal;
};

/**
 * The row with its results, every list of them whole.
 * @throws SourceError when the results cannot be read, or their lists are never whole.
 */
export async function readFinished(row: JobRow, options: ReadOptions): Promise<ReadFinishedJob> {
  const { client, slug, around, age, signal } = options;
  const { redact } = client.http;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const suites = await client.suites(row.id, signal);
    const cases = suites && (await client.cases(row.id, signal));
    const grouped = suites && cases && group(row, suites.rows, cases.rows, redact);
    if (!grouped) continue;
    const { log, unread } = await readLog(row, options);
    const moved =
      age === 'lately' &&
      ((await client.count(row.id, 'tests', signal)) !== cases.count ||
        (await client.count(row.id, 'suites', signal)) !== suites.count);
    const { job, notes } = toJobRecord(row, around);
    const steps = grouped.suites.find((suite) => suite.isSteps)?.cases ?? [];
    const results: JobResults = { suites: grouped.suites, log };
    const settled = age !== 'just' && !moved && (unread.length === 0 || options.withoutLog);
    return {
      lacksLog: log === null && unread.length > 0,
      change: { job: { ...job, ...jobError(steps) }, results, settled },
      rejected: [...keep(notes, row, redact), ...suites.rejected, ...cases.rejected, ...grouped.rejected, ...unread],
    };
  }
  const message = `the results of job ${row.id} were not whole in ${ATTEMPTS} readings; nothing of them is stored, they are read again`;
  throw new SourceError('SERVER_ERROR', slug, message);
}

/** A log that cannot be read keeps nothing else back. */
async function readLog(row: JobRow, { client, signal }: ReadOptions) {
  const unread: Rejected[] = [];
  const path = `jobs/${row.id}/logs/`;
  try {
    const log = await client.log(row.id, signal);
    if (log?.truncated)
      unread.push({
        ...noLog(row, path),
        reason: `the log of job ${row.id} breaks off after ${log.bytes.length} bytes; that much is kept`,
      });
    return { log, unread };
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause;
    return {
      log: null,
      unread: [
        { ...noLog(row, path), reason: `${cause.message}; the job is kept without its log, which is tried again` },
      ],
    };
  }
}

function noLog(row: JobRow, path: string): Rejected {
  return { stage: 'log', externalId: String(row.id), path, reason: '', raw: '' };
}

/** Cases under their suites, in order of id; null when a case names a suite that was not there yet. */
function group(
  row: JobRow,
  suiteRows: readonly SuiteRow[],
  caseRows: readonly CaseRow[],
  redact: (text: string) => string,
) {
  const suites = new Map<number, SuiteRecord>();
  for (const { id, name } of suiteRows)
    suites.set(id, { externalId: id, name, isSteps: name === STEPS_SUITE, cases: [] });
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
