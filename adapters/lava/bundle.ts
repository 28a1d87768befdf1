/**
 * Tables and logs of several jobs in one request. Most of what one alone costs a master is who asks and whether they may:
 * 2023.01 takes 13 SQL statements and 20 ms for a table or a log, and in company 8 and 5 for a table, 4 and 4 for a log.
 */
import { SourceError } from '../error.ts';
import { Pieces } from '../pieces.ts';
import type { Client } from './client.ts';
import type { Beginning } from './job-log.ts';
import { type Call, callAll, Fault } from './xml-rpc.ts';
import type { Value } from './xml-rpc-value.ts';

/** A job's number, and the line of its log that is wanted first. */
export type Wanted = { id: number; fromLine: number };

/**
 * `table`: null where the master refused it. `log`: null where it was not given here, which says nothing of the job; an
 * empty one has nothing from that line on.
 */
export type Parcel = { table: string | null; log: Beginning | null };

export type Bundles = {
  /** How many jobs are asked for at once, for now. */
  size(): number;
  /** Parcels by the numbers of their jobs; none when the master answers no bundles, or not this one. */
  read(
    user: string,
    wanted: readonly Wanted[],
    withLogs: boolean,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Parcel>>;
  /** What was found before need not hold any more. */
  reset(): void;
};

const MOST = 20;
/** An answer should take the master no longer: others of its users wait. */
const LONGEST_MS = 400;
const BYTES = 16 * 1024 * 1024;
/** A longer log is read on by itself. */
const LINES = 5_000;
/** What a call in company costs, against one alone. */
const SHARE = 1 / 4;
/** So many requests in a row that gave nothing: the master answers no bundles. */
const MISSED_IN_A_ROW = 3;
/** What a master says of a log that it has no file of. */
const NO_LOG = '[]';

export function createBundles(client: Client, slug: string): Bundles {
  let size = 4;
  let missed = 0;

  const ask = async (user: string, jobs: number, calls: readonly Call[], signal: AbortSignal) => {
    try {
      const options = { maxBytes: BYTES, weight: Math.ceil(calls.length * SHARE), signal };
      const answer = await callAll(client.http, slug, user, calls, options);
      if (answer) size = Math.max(1, Math.min(MOST, 2 * size, Math.floor((jobs * LONGEST_MS) / answer.tookMs)));
      return answer?.values;
    } catch (cause) {
      if (signal.aborted || !(cause instanceof SourceError || cause instanceof Fault)) throw cause;
      size = Math.max(1, size >> 1);
      return undefined;
    }
  };

  return {
    size: () => (missed >= MISSED_IN_A_ROW ? 1 : size),
    async read(user, wanted, withLogs, signal) {
      const parcels = new Map<number, Parcel>();
      if (missed >= MISSED_IN_A_ROW || wanted.length === 0) return parcels;
      const calls = wanted.flatMap(({ id, fromLine }): Call[] => [
        { method: 'results.get_testjob_results_csv', args: [id] },
        ...(withLogs ? [{ method: 'scheduler.jobs.logs', args: [id, fromLine, fromLine + LINES] } as const] : []),
      ]);
      const answers = await ask(user, wanted.length, calls, signal);
      missed = answers ? 0 : missed + 1;
      if (!answers) return parcels;
      const each = withLogs ? 2 : 1;
      for (const [i, { id }] of wanted.entries()) {
        const [table, log] = answers.slice(i * each, (i + 1) * each);
        parcels.set(id, { table: typeof table === 'string' ? table : null, log: logOf(log) });
      }
      return parcels;
    },
    reset() {
      missed = 0;
    },
  };
}

/** Whether the job had ended is told beside the bytes. */
function logOf(answer: Value | Fault | undefined): Beginning | null {
  const bytes = Array.isArray(answer) ? answer[1] : null;
  if (!Buffer.isBuffer(bytes) || bytes.toString('latin1', 0, 3) === NO_LOG) return null;
  const pieces = new Pieces();
  pieces.add(bytes);
  return { bytes: pieces, isWhole: pieces.lines < LINES };
}
