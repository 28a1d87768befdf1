/** One job with all it left behind, as a consistent whole. */
import { createHash } from 'node:crypto';
import type { JobRecord, Micros, SuiteRecord } from '#schema/records.ts';
import type { ReadJob } from '../adapter.ts';
import { SourceError } from '../error.ts';
import type { Parcel } from './bundle.ts';
import type { Client } from './client.ts';
import type { LogReader } from './job-log.ts';
import { type JobSurroundings, jobError, keepNotes, toJobRecord } from './map.ts';
import type { ResultsReader } from './results.ts';
import type { JobRow } from './schema.ts';

const ATTEMPTS = 4;

export type ReadFinishedJob = ReadJob & {
  /** There may be a log; it could not be read. */
  lacksLog: boolean;
  /** What was seen, where all of it was. */
  look: Look | null;
};

/** Of a job as it was read: a digest of its row, its results and the last line of its log, and how many lines that had; null without one. */
export type Look = { digest: string; lines: number | null };

/** The row as a record, without results. */
export function withoutResults(row: JobRow, around: JobSurroundings, redact: (text: string) => string): ReadJob {
  const { job, notes } = toJobRecord(row, around);
  return { change: { job, results: null, settled: false }, rejected: keepNotes(notes, row, redact) };
}

/** How long ago the job ended: `just`: results may still arrive; `lately`: they should not, which a second look checks. */
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
  logs: LogReader;
  slug: string;
  around: JobSurroundings;
  age: Age;
  /** What came of the job with others. */
  parcel: Parcel | null;
  /** The log was waited for long enough: without it the job is settled, too. */
  withoutLog: boolean;
  signal: AbortSignal;
};

/**
 * The row with its results, every list of them whole.
 * @throws SourceError when the results cannot be read, or their lists are never whole.
 */
export async function readFinished(row: JobRow, options: ReadOptions): Promise<ReadFinishedJob> {
  const { client, results, logs, slug, around, age, parcel, signal } = options;
  const { redact } = client.http;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const given = attempt === 1 ? parcel : null;
    const found = await results.read(row, signal, given?.table);
    if (!found) continue;
    const lastLine = lastLineOf(found.suites);
    const { log, unread, mayCome } = await logs.read({
      ...{ jobId: row.id, lastLine, age, inCompany: given?.log ?? null },
      signal,
    });
    const { job, notes } = toJobRecord(row, around);
    const steps = found.suites.find((suite) => suite.isSteps)?.cases ?? [];
    const settled = age === 'long ago' && (!mayCome || options.withoutLog);
    const last = log?.bytes.lastLine() ?? '';
    return {
      lacksLog: log === null && unread.length > 0,
      look: unread.length > 0 ? null : { digest: digestOf(job, found.mark, last), lines: log?.bytes.lines ?? null },
      change: { job: { ...job, ...jobError(steps) }, results: { suites: found.suites, log }, settled },
      rejected: [...keepNotes(notes, row, redact), ...found.rejected, ...unread],
    };
  }
  const message = `the results of job ${row.id} were not whole in ${ATTEMPTS} readings; nothing of them is stored, they are read again`;
  throw new SourceError('SERVER_ERROR', slug, message);
}

/** Where the log is looked at again: its last line must be the last one still. */
export function lineToLookAt({ lines }: Look): number {
  return Math.max(0, (lines ?? 0) - 1);
}

/** Whether nothing came of a job since it was looked at. `parcel`: its log from the line to look at. */
export async function standsStill(
  row: JobRow,
  look: Look,
  { client, results, around, parcel, signal }: Pick<ReadOptions, 'client' | 'results' | 'around' | 'parcel' | 'signal'>,
): Promise<boolean> {
  const mark = await results.mark(row, signal, parcel?.table);
  const end = parcel?.log?.bytes ?? (await client.log(row.id, lineToLookAt(look), signal))?.bytes ?? null;
  const isEnd = look.lines === null ? !end?.length : end?.lines === 1 && end.tail === 0;
  return mark !== null && isEnd && digestOf(toJobRecord(row, around).job, mark, end?.text() ?? '') === look.digest;
}

function digestOf(job: JobRecord, mark: string, lastLine: string): string {
  const said = JSON.stringify([job, mark, lastLine]);
  return createHash('sha256').update(said).digest('base64').slice(0, 22);
}

/** Of the lines that the cases name; -1 without. */
function lastLineOf(suites: readonly SuiteRecord[]): number {
  let last = -1;
  for (const { cases } of suites) for (const { endLogLine } of cases) last = Math.max(last, endLogLine ?? -1);
  return last;
}
