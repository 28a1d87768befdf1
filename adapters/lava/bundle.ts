/**
 * Tables and logs of several jobs in one request. Most of what one alone costs a master is who asks and whether they may:
 * 2023.01 takes 13 SQL statements and 20 ms for a table or a log, and in company 8 and 5 for a table, 4 and 4 for a log.
 */
import { SourceError } from '../error.ts';
import { Pieces } from '../pieces.ts';
import type { Client } from './client.ts';
import type { Short } from './job-log.ts';
import { callAll, Fault, type MethodCall } from './xml-rpc.ts';
import type { Value } from './xml-rpc-value.ts';

/** A job's number, and the line of its log that is wanted first. */
export type Wanted = { id: number; fromLine: number };

/**
 * `table`: null where this user may not have it, undefined where it is to be asked for alone, as is a log that is null. An
 * empty log has nothing from the wanted line on.
 */
export type Parcel = { table: string | null | undefined; log: Short | null };

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
const FIRST = 4;
/** An answer should take the master no longer: others of its users wait. */
const LONGEST_MS = 400;
/** Of so many answers, the one that took longest a job counts. */
const LATE = 5;
const BYTES = 8 * 1024 * 1024;
/** What is longer comes alone, where the master streams it. */
const LINES = 5_000;
/**
 * More is asked for, and is not to come: what a master takes for a line may be none (an index with an entry twice after a
 * full disk), and a log is whole when its end was far from the limit.
 */
const ASKED_LINES = 6_000;
/** What a call in company costs, against one alone. */
const SHARE = 1 / 4;
/** So many requests in a row that gave nothing: none for so many jobs. */
const MISSED_IN_A_ROW = 3;
const LEFT_ALONE = 200;
/** What a master says of a log that it has no file of. */
const NO_LOG = '[]';
/** Not allowed, or not there. */
const REFUSALS = [401, 403, 404];

export function createBundles(client: Client, slug: string): Bundles {
  const msOfJob: number[] = [];
  let size = FIRST;
  let missed = 0;
  let leftAlone = 0;

  const learn = (jobs: number, tookMs: number) => {
    msOfJob.push(Math.max(1, tookMs - client.http.quickestMs()) / jobs);
    if (msOfJob.length > LATE) msOfJob.shift();
    size = Math.max(1, Math.min(MOST, 2 * size, Math.floor(LONGEST_MS / Math.max(...msOfJob))));
  };

  const ask = async (user: string, jobs: number, calls: readonly MethodCall[], signal: AbortSignal) => {
    try {
      const options = { maxBytes: BYTES, weight: Math.ceil(calls.length * SHARE), once: true, signal };
      const answer = await callAll(client.http, slug, user, calls, options);
      if (answer) learn(jobs, answer.tookMs);
      return answer?.values ?? [];
    } catch (cause) {
      if (signal.aborted || !(cause instanceof SourceError || cause instanceof Fault)) throw cause;
      size = Math.max(1, size >> 1);
      return [];
    }
  };

  return {
    size: () => size,
    async read(user, wanted, withLogs, signal) {
      const parcels = new Map<number, Parcel>();
      leftAlone -= wanted.length;
      if (leftAlone > 0 || wanted.length === 0) return parcels;
      const calls = wanted.flatMap(({ id, fromLine }): MethodCall[] => [
        { method: 'results.get_testjob_results_csv', args: [id] },
        ...(withLogs ? [{ method: 'scheduler.jobs.logs', args: [id, fromLine, fromLine + ASKED_LINES] } as const] : []),
      ]);
      const answers = await ask(user, wanted.length, calls, signal);
      const each = withLogs ? 2 : 1;
      if (answers.length > 0)
        for (const [i, { id }] of wanted.entries()) {
          const [table, log] = answers.slice(i * each, (i + 1) * each);
          parcels.set(id, { table: tableOf(table), log: logOf(log) });
        }
      const isHit = answers.some((answer) => typeof answer === 'string');
      missed = isHit ? 0 : missed + 1;
      if (missed >= MISSED_IN_A_ROW) {
        missed = 0;
        leftAlone = LEFT_ALONE;
      }
      return parcels;
    },
    reset() {
      missed = 0;
      leftAlone = 0;
    },
  };
}

function tableOf(answer: Value | Fault | undefined): Parcel['table'] {
  if (answer instanceof Fault) return REFUSALS.includes(answer.code) ? null : undefined;
  return typeof answer === 'string' ? answer : undefined;
}

/** Whether the job had ended is told beside the bytes. */
function logOf(answer: Value | Fault | undefined): Short | null {
  const bytes = Array.isArray(answer) ? answer[1] : null;
  if (!Buffer.isBuffer(bytes) || bytes.toString('latin1', 0, 3) === NO_LOG) return null;
  const pieces = new Pieces();
  pieces.add(bytes);
  return { bytes: pieces, isWhole: pieces.lines < LINES };
}
