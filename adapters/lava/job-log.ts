/** The log of a job: as it came with those of others, or by itself. Every line of a log has an end. */
import { createHash } from 'node:crypto';
import type { Rejected } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import type { Pieces } from '../pieces.ts';
import type { Client, Log } from './client.ts';
import type { Age } from './read-job.ts';
import { wholeLog } from './whole-log.ts';
import { orNull } from './xml-rpc.ts';

/** Every so many logs that came with others are compared with what they are by themselves. */
const SAMPLED = 200;

/** A log as it came with others; `isWhole`: it ends long before the line up to which it was asked for. */
export type Short = { bytes: Pieces; isWhole: boolean };

export type ReadLog = {
  log: { bytes: Pieces; truncated: boolean } | null;
  unread: Rejected[];
  /** More of it may come at another try; what a master gives of a log that is old is all it ever gives. */
  mayCome: boolean;
};

export type LogOptions = {
  jobId: number;
  /** Of the lines that the job's cases name; -1 without. */
  lastLine: number;
  age: Age;
  /** As it came with others. */
  inCompany: Short | null;
  signal: AbortSignal;
};

export type LogReader = {
  /** Whether logs that come with others are worth asking for; false once they were found to differ. */
  agree(): boolean;
  /** What was found before need not hold any more. */
  reset(): void;
  /** A log that cannot be read keeps nothing else back. */
  read(options: LogOptions): Promise<ReadLog>;
};

export function createLogReader(client: Client): LogReader {
  let agrees = true;
  /** Jobs until it is compared again. */
  let left = 0;

  const alone = async ({ jobId, lastLine, age, signal }: LogOptions): Promise<Log | null> => {
    const readFrom = (line: number) => client.log(jobId, line, signal);
    const served = await readFrom(0);
    return served && age === 'long ago' && !served.isPacked ? wholeLog(served, lastLine, readFrom) : served;
  };

  const serve = async (options: LogOptions): Promise<Log | null> => {
    const { inCompany, lastLine } = options;
    left -= 1;
    agrees ||= left <= 0;
    // Of a job that is looked at again, what was cut is found by its last line.
    const isReadOnce = options.age === 'long ago';
    const wantedLines = isReadOnce ? lastLine + 1 : 0;
    if (!agrees || !inCompany?.isWhole || inCompany.bytes.length === 0 || inCompany.bytes.lines < wantedLines)
      return alone(options);
    const found = { bytes: inCompany.bytes, brokeOff: false, isCounted: true, isPacked: false };
    if (left > 0) return found;
    left = SAMPLED;
    const one = await orNull(alone(options), options.signal);
    // A master that cannot give it by itself is not asked for each so.
    if (one === null || one.isPacked) return found;
    if (isSame(found.bytes, one.bytes)) return found;
    // Into the log of a job that has just ended more may have come between the two.
    if (isReadOnce) agrees = false;
    else left = 0;
    return one;
  };

  const read = async (options: LogOptions): Promise<ReadLog> => {
    const { jobId, age } = options;
    const served = await serve(options);
    if (!served) return { log: null, unread: [], mayCome: false };
    const { bytes, brokeOff, isPacked } = served;
    const log = { bytes, truncated: brokeOff || bytes.tail > 0 };
    if (!log.truncated && !isPacked) return { log, unread: [], mayCome: false };
    const reason = isPacked
      ? `the log of job ${jobId} comes packed (xz), which masters before 2026.07 do; the job is kept without it`
      : `the log of job ${jobId} breaks off after ${bytes.length} bytes; that much is kept`;
    return { log: isPacked ? null : log, unread: [lacks(jobId, reason)], mayCome: brokeOff || age !== 'long ago' };
  };

  return {
    agree: () => agrees,
    reset() {
      agrees = true;
      left = 0;
    },
    async read(options) {
      try {
        return await read(options);
      } catch (cause) {
        if (!(cause instanceof SourceError)) throw cause;
        const reason = `${cause.message}; the job is kept without its log, which is tried again`;
        return { log: null, unread: [lacks(options.jobId, reason)], mayCome: true };
      }
    },
  };
}

function isSame(a: Pieces, b: Pieces): boolean {
  return a.length === b.length && hashOf(a).equals(hashOf(b));
}

function hashOf(bytes: Pieces): Buffer {
  const hash = createHash('sha256');
  for (const piece of bytes) hash.update(piece);
  return hash.digest();
}

function lacks(jobId: number, reason: string): Rejected {
  return { stage: 'log', externalId: String(jobId), path: `jobs/${jobId}/logs/`, reason, raw: '' };
}
