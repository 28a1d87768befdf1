/** One job with all it left behind, as a consistent whole. */
import type { Micros, Rejected, SuiteRecord } from '#schema/records.ts';
import type { ReadJob } from '../adapter.ts';
import { SourceError } from '../error.ts';
import type { Client } from './client.ts';
import { type JobSurroundings, jobError, keepNotes, toJobRecord } from './map.ts';
import type { ResultsReader } from './results.ts';
import type { JobRow } from './schema.ts';
import { wholeLog } from './whole-log.ts';

const ATTEMPTS = 4;

export type ReadFinishedJob = ReadJob & { /** There may be a log; it could not be read. */ lacksLog: boolean };

/** The row as a record, without results. */
export function withoutResults(row: JobRow, around: JobSurroundings, redact: (text: string) => string): ReadJob {
  const { job, notes } = toJobRecord(row, around);
  return { change: { job, results: null, settled: false }, rejected: keepNotes(notes, row, redact) };
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
  results: ResultsReader;
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
  const { client, results, slug, around, age, signal } = options;
  const { redact } = client.http;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await results.read(row, signal);
    if (!found) continue;
    const { log, unread, mayCome } = await readLog(row, lastLineOf(found.suites), options);
    const moved = age === 'lately' && !(await found.stillStand(signal));
    const { job, notes } = toJobRecord(row, around);
    const steps = found.suites.find((suite) => suite.isSteps)?.cases ?? [];
    const settled = age !== 'just' && !moved && (!mayCome || options.withoutLog);
    return {
      lacksLog: log === null && unread.length > 0,
      change: { job: { ...job, ...jobError(steps) }, results: { suites: found.suites, log }, settled },
      rejected: [...keepNotes(notes, row, redact), ...found.rejected, ...unread],
    };
  }
  const message = `the results of job ${row.id} were not whole in ${ATTEMPTS} readings; nothing of them is stored, they are read again`;
  throw new SourceError('SERVER_ERROR', slug, message);
}

/**
 * A log that cannot be read keeps nothing else back. Every line of a log has an end. `mayCome`: more of it at another try;
 * what a master gives of a log that is old is all it ever gives.
 */
async function readLog(row: JobRow, lastLine: number, { client, age, signal }: ReadOptions) {
  const unread: Rejected[] = [];
  const path = `jobs/${row.id}/logs/`;
  const readFrom = (line: number) => client.log(row.id, line, signal);
  try {
    const served = await readFrom(0);
    if (!served) return { log: null, unread, mayCome: false };
    const isOld = age === 'long ago';
    const { bytes, brokeOff, isPacked } =
      isOld && !served.isPacked ? await wholeLog(served, lastLine, readFrom) : served;
    const log = { bytes, truncated: brokeOff || bytes.tail > 0 };
    if (!log.truncated && !isPacked) return { log, unread, mayCome: false };
    const reason = isPacked
      ? `the log of job ${row.id} comes packed (xz), which masters before 2026.07 do; the job is kept without it`
      : `the log of job ${row.id} breaks off after ${bytes.length} bytes; that much is kept`;
    unread.push({ ...noLog(row, path), reason });
    return { log: isPacked ? null : log, unread, mayCome: brokeOff || !isOld };
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause;
    const reason = `${cause.message}; the job is kept without its log, which is tried again`;
    return { log: null, unread: [{ ...noLog(row, path), reason }], mayCome: true };
  }
}

/** Of the lines that the cases name; -1 without. */
function lastLineOf(suites: readonly SuiteRecord[]): number {
  let last = -1;
  for (const { cases } of suites) for (const { endLogLine } of cases) last = Math.max(last, endLogLine ?? -1);
  return last;
}

function noLog(row: JobRow, path: string): Rejected {
  return { stage: 'log', externalId: String(row.id), path, reason: '', raw: '' };
}
