/** Jobs that somebody looks at: one page of the list for all of them, and of each log what has come since. */
import type { KnownLog, Tail } from '../adapter.ts';
import { SourceError } from '../error.ts';
import type { Client } from './client.ts';
import { type JobSurroundings, toJobRecord } from './map.ts';

/** Of one answer; of a log that is longer, the next look reads on. */
const MOST_BYTES = 4 * 1024 * 1024;
const HAVE_LOGS = ['RUNNING', 'CANCELING', 'FINISHED'];
const NEWLINE = 10;
const NONE = Buffer.alloc(0);

export async function tailJobs(
  client: Client,
  around: JobSurroundings,
  known: readonly KnownLog[],
  signal: AbortSignal,
): Promise<Tail[]> {
  const tails: Tail[] = [];
  const ids = known.map(({ externalId }) => Number(externalId));
  for await (const { rows } of client.jobsById(ids, signal)) {
    for (const row of rows) {
      const { job } = toJobRecord(row, around);
      const log = known.find(({ externalId }) => externalId === job.externalId);
      if (!log) continue;
      const read = HAVE_LOGS.includes(job.state) ? await readOn(client, log, signal) : NONE;
      tails.push(
        read instanceof SourceError ? { job, lines: NONE, problem: read } : { job, lines: read, problem: null },
      );
    }
  }
  return tails;
}

/** A log that cannot be read keeps no other back. */
async function readOn(client: Client, log: KnownLog, signal: AbortSignal): Promise<Buffer | SourceError> {
  try {
    return await linesAfter(client, log, signal);
  } catch (cause) {
    if (cause instanceof SourceError) return cause;
    throw cause;
  }
}

/**
 * The last line that is known is asked for once more: a log that goes on from it is the same log. A line that has no end
 * yet is left for the next look.
 */
async function linesAfter(
  client: Client,
  { externalId, lineCount, lastLine }: KnownLog,
  signal: AbortSignal,
): Promise<Buffer> {
  const log = await client.log(Number(externalId), Math.max(0, lineCount - 1), signal, MOST_BYTES);
  if (!log) return NONE;
  const bytes = Buffer.concat([...log.bytes]);
  const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
  const refuse = (message: string) => new SourceError('BAD_PAYLOAD', client.slug, message);
  if (whole.length === 0 && log.brokeOff) throw refuse(`a line of the log of job ${externalId} is too long to follow`);
  if (lastLine === null || whole.length === 0) return whole;
  if (whole.subarray(0, lastLine.length).equals(lastLine)) return whole.subarray(lastLine.length);
  throw refuse(`the log of job ${externalId} does not go on from line ${lineCount - 1}, which was read before`);
}
