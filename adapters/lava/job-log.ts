/** The log of a job: as it came with those of others, or by itself. Every line of a log has an end. */
import { createHash } from 'node:crypto';
import type { Rejected } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import type { Pieces } from '../pieces.ts';
import type { Client, Log } from './client.ts';
import type { Age } from './read-job.ts';
import { joined, wholeLog } from './whole-log.ts';

/** Every so many logs that came with others are compared with what they are by themselves. */
const SAMPLED = 200;

/** A log from its first line on, as it came with others. */
export type Beginning = { bytes: Pieces; isWhole: boolean };

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
  beginning: Beginning | null;
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
  let untilSample = 0;

  const alone = async ({ jobId, lastLine, age, signal }: LogOptions): Promise<Log | null> => {
    const readFrom = (line: number) => client.log(jobId, line, signal);
    const served = await readFrom(0);
    return served && age === 'long ago' && !served.isPacked ? wholeLog(served, lastLine, readFrom) : served;
  };

  const together = async ({ jobId, beginning, signal }: LogOptions): Promise<Log | null> => {
    if (!beginning) return null;
    const { bytes, isWhole } = beginning;
    const whole = { bytes, brokeOff: false, isCounted: true, isPacked: false };
    if (isWhole) return whole;
    const rest = await client.log(jobId, bytes.lines, signal);
    return rest ? joined(bytes, rest) : whole;
  };

  const serve = async (options: LogOptions): Promise<Log | null> => {
    if (!options.beginning?.bytes.length) return alone(options);
    const found = await together(options);
    if (found && untilSample > 0) {
      untilSample -= 1;
      return found;
    }
    const one = await alone(options);
    if (one?.isPacked && found) return found;
    const isEqual = found !== null && one !== null && isSame(found.bytes, one.bytes);
    // Into the log of a job that has just ended more may have come between the two.
    if (!isEqual && options.age === 'long ago') agrees = false;
    untilSample = isEqual ? SAMPLED : 0;
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
      untilSample = 0;
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
