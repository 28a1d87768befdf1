/** Turns the rows of a walk into deltas. */
import { isDeepStrictEqual } from 'node:util';
import type { Micros, Rejected } from '#schema/records.ts';
import type { Delta, ReadContext, ReadJob } from '../adapter.ts';
import { SourceError } from '../error.ts';
import { type Bookmark, forget, lastLook, note, settle, writeBookmark } from './bookmark.ts';
import type { Parcel, Wanted } from './bundle.ts';
import type { Client, HistoryOrder } from './client.ts';
import type { LogReader } from './job-log.ts';
import type { JobSurroundings } from './map.ts';
import { type Age, ageOf, lineToLookAt, readFinished, standsStill, withoutResults } from './read-job.ts';
import type { ResultsReader } from './results.ts';
import type { JobRow } from './schema.ts';

const SECOND = 1_000_000;
/** How long a job's log is tried again before the job counts as final without it. */
const LOG_PATIENCE = 86_400 * SECOND;
/** So many jobs in a row that cannot be read: the master is ill, not the jobs. */
const UNREADABLE_IN_A_ROW = 3;

export type WalkOptions = {
  slug: string;
  client: Client;
  results: ResultsReader;
  logs: LogReader;
  /** What the master gives of several jobs at once; none for jobs of which it gives nothing so. */
  bundle: {
    size(): number;
    read(wanted: readonly Wanted[], signal: AbortSignal): Promise<ReadonlyMap<number, Parcel>>;
  };
  settleSeconds: number;
  /** Of a master that is new here, so many of the newest jobs are read as if they were new; older ones are history. */
  newest: number;
  history: HistoryOrder;
  /** Jobs submitted before are not looked for; null: all are. */
  historySince: Micros | null;
  /** `fresh`: ask again, what is known may be out of date. */
  surroundings: (signal: AbortSignal, fresh: boolean) => Promise<JobSurroundings>;
};

export type Taker = ReturnType<typeof createTaker>;

/** Turns rows into deltas whose bookmark is right after them. */
export function createTaker(options: WalkOptions, bookmark: Bookmark, { now, signal }: ReadContext) {
  const { client, slug, settleSeconds } = options;
  const { redact } = client.http;
  const taken = new Set<number>();
  let around: JobSurroundings | null = null;
  let isFresh = false;
  let inARow = 0;
  let unreadable: SourceError | null = null;

  const delta = (read: readonly ReadJob[], rejected: readonly Rejected[] = []): Delta => ({
    changes: read.map(({ change }) => change),
    rejected: [...read.flatMap((one) => one.rejected), ...rejected],
    bookmark: writeBookmark(bookmark),
    left: bookmark.left,
  });

  /** A board that is new since the boards were last asked for must not make its jobs private for good. */
  const surround = async (row: JobRow): Promise<JobSurroundings> => {
    around ??= await options.surroundings(signal, false);
    const { seesDeviceType, seesDevice } = around;
    const isHidden = !seesDeviceType(row.requested_device_type ?? null) || !seesDevice(row.actual_device ?? null);
    if (isHidden && !isFresh) {
      isFresh = true;
      around = await options.surroundings(signal, true);
    }
    return around;
  };

  /** At the time of the answers that tell of it. */
  const age = (row: JobRow, at: Micros): Age => {
    const since = bookmark.settling.find(([id]) => id === row.id)?.[1] ?? at;
    const byMaster = ageOf(row.end_time ?? 0, { now: at, offsetMs: client.http.clockOffsetMs(), settleSeconds });
    return byMaster === 'just' && at - since >= settleSeconds * SECOND ? 'lately' : byMaster;
  };

  const takeFinished = async (row: JobRow, parcel: Parcel | null, at: Micros): Promise<Delta> => {
    const since = bookmark.settling.find(([id]) => id === row.id)?.[1];
    const before = lastLook(bookmark, row.id);
    try {
      const withoutLog = since !== undefined && now() - since >= LOG_PATIENCE;
      const { results, logs } = options;
      const readOptions = {
        client,
        results,
        logs,
        slug,
        around: await surround(row),
        age: age(row, at),
        withoutLog,
        signal,
      };
      const isOver = readOptions.age !== 'just';
      if (before && (await standsStill(row, before, { ...readOptions, parcel }))) {
        inARow = 0;
        settle(bookmark, row.id, isOver, now(), before);
        return isOver ? { ...delta([]), settled: [String(row.id)] } : delta([]);
      }
      const read = await readFinished(row, {
        ...readOptions,
        parcel: before && parcel ? { ...parcel, log: null } : parcel,
      });
      inARow = 0;
      note(bookmark, { id: row.id, finished: true, endAt: row.end_time ?? null }, now());
      read.change.settled ||= isOver && before !== null && isDeepStrictEqual(before, read.look);
      settle(bookmark, row.id, read.change.settled, now(), read.look);
      // What was stored before may have the log that cannot be read now.
      return since !== undefined && read.lacksLog && !withoutLog ? delta([], read.rejected) : delta([read]);
    } catch (cause) {
      if (!(cause instanceof SourceError) || signal.aborted || cause.code === 'UNAUTHORIZED') throw cause;
      return putOff(row, cause, since === undefined);
    }
  };

  /** One job that cannot be read holds up no other; a master that cannot be read throws here. */
  const putOff = async (row: JobRow, cause: SourceError, isFirst: boolean): Promise<Delta> => {
    let isThere = false;
    for await (const page of client.jobsById([row.id], signal)) isThere ||= page.read > 0;
    note(bookmark, { id: row.id, finished: true, endAt: row.end_time ?? null }, now());
    forget(bookmark, row.id);
    if (!isThere) return delta([]);
    const told = (what: string): Rejected[] => {
      const reason = `job ${row.id} is listed, but its results cannot be read (${cause.message}): ${what}`;
      return [{ stage: 'job', externalId: String(row.id), path: `jobs/${row.id}/`, reason, raw: '' }];
    };
    if (cause.code === 'FORBIDDEN') {
      const rejected = told('give the user of the token the right to view it');
      return delta(isFirst ? [withoutResults(row, await surround(row), redact)] : [], rejected);
    }
    settle(bookmark, row.id, false, now());
    inARow += 1;
    unreadable = cause;
    if (inARow >= UNREADABLE_IN_A_ROW) throw cause;
    return delta([], told('it is tried again'));
  };

  const wanted = ({ id }: JobRow): Wanted => {
    const look = lastLook(bookmark, id);
    return { id, fromLine: look ? lineToLookAt(look) : 0 };
  };

  return {
    taken,
    delta,
    unreadable: () => unreadable,
    /** How many rows are best given at once. */
    size: options.bundle.size,
    /**
     * One delta for each finished job, one for each run of open ones. `onTake` is told of a row when all before it were
     * given, and before it is.
     */
    async *takeAll(rows: readonly JobRow[], onTake: (row: JobRow) => void = () => undefined): AsyncGenerator<Delta> {
      let open: ReadJob[] = [];
      let parcels: ReadonlyMap<number, Parcel> = new Map();
      let bundled = 0;
      let askedAt = 0;
      for (const [i, row] of rows.entries()) {
        taken.add(row.id);
        if (row.state !== 'Finished') {
          onTake(row);
          note(bookmark, { id: row.id, finished: false, endAt: null }, now());
          open.push(withoutResults(row, await surround(row), redact));
          continue;
        }
        if (open.length > 0) yield delta(open);
        open = [];
        if (bundled === 0) {
          const next = rows.slice(i).filter(isFinished).slice(0, options.bundle.size());
          askedAt = now();
          parcels = await options.bundle.read(next.map(wanted), signal);
          bundled = next.length;
        }
        bundled -= 1;
        onTake(row);
        const parcel = parcels.get(row.id) ?? null;
        yield await takeFinished(row, parcel, parcel ? askedAt : now());
      }
      if (open.length > 0) yield delta(open);
    },
  };
}

function isFinished({ state }: JobRow): boolean {
  return state === 'Finished';
}
