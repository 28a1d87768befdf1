/** What changed on a master since the bookmark: new jobs, open ones, those that settle, late ones. */
import type { Rejected } from '#schema/records.ts';
import type { Delta, ReadContext } from '../adapter.ts';
import { SourceError } from '../error.ts';
import {
  type Bookmark,
  due,
  END_WINDOW,
  forget,
  note,
  OVERLAP,
  readBookmark,
  settle,
  unread,
  writeBookmark,
} from './bookmark.ts';
import type { Client } from './client.ts';
import type { JobSurroundings } from './map.ts';
import { type Age, ageOf, type ReadJob, readFinished, withoutResults } from './read-job.ts';
import type { ResultsReader } from './results.ts';
import type { JobRow } from './schema.ts';

const SECOND = 1_000_000;
const SWEEP_EVERY = 600 * SECOND;
/** How long a job's log is tried again before the job counts as final without it. */
const LOG_PATIENCE = 86_400 * SECOND;
/** So many jobs that are gone from a list are asked for by name in a walk. */
const DENIED = 20;
/** So many jobs in a row that cannot be read: the master is ill, not the jobs. */
const UNREADABLE_IN_A_ROW = 3;

export type WalkOptions = {
  slug: string;
  client: Client;
  results: ResultsReader;
  settleSeconds: number;
  /** `fresh`: ask again, what is known may be out of date. */
  surroundings: (signal: AbortSignal, fresh: boolean) => Promise<JobSurroundings>;
};

/** @throws SourceError at the end when single jobs could not be read: everything else was. */
export async function* walk(
  options: WalkOptions,
  from: string | null,
  context: ReadContext,
  only: readonly number[] | null,
): AsyncGenerator<Delta> {
  const { client } = options;
  const { now, signal } = context;
  const bookmark = readBookmark(from);
  const taker = createTaker(options, bookmark, context);

  if (only) {
    const { open, unseen } = unread(bookmark, only);
    // A number beyond the last one must not make those between count as seen.
    if (unseen.length > 0) yield* discover(client, bookmark, taker, signal);
    yield* lookAt(open, client, bookmark, taker, signal);
    if (taker.unreadable()) throw taker.unreadable();
    return;
  }
  yield* discover(client, bookmark, taker, signal);

  const listed = new Set<number>();
  for await (const page of client.openJobs(signal)) {
    for (const { id } of page.rows) listed.add(id);
    yield* taker.takeAll(page.rows.filter((row) => !taker.taken.has(row.id)));
  }
  const left = bookmark.open.filter((id) => !listed.has(id));
  const waiting = due(bookmark, options.settleSeconds * SECOND, now());
  yield* lookAt([...left, ...waiting], client, bookmark, taker, signal);
  if (bookmark.endAt > 0 && now() - bookmark.sweptAt >= SWEEP_EVERY) yield* sweep(client, bookmark, taker, now, signal);
  if (taker.unreadable()) throw taker.unreadable();
}

type Taker = ReturnType<typeof createTaker>;

/** Turns rows into deltas whose bookmark is right after them. */
function createTaker(options: WalkOptions, bookmark: Bookmark, { now, signal }: ReadContext) {
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

  const age = (row: JobRow): Age => {
    const since = bookmark.settling.find(([id]) => id === row.id)?.[1] ?? now();
    const byMaster = ageOf(row.end_time ?? 0, { now: now(), offsetMs: client.http.clockOffsetMs(), settleSeconds });
    return byMaster === 'just' && now() - since >= settleSeconds * SECOND ? 'lately' : byMaster;
  };

  const takeFinished = async (row: JobRow): Promise<Delta> => {
    const since = bookmark.settling.find(([id]) => id === row.id)?.[1];
    try {
      const withoutLog = since !== undefined && now() - since >= LOG_PATIENCE;
      const read = await readFinished(row, {
        client,
        results: options.results,
        slug,
        around: await surround(row),
        age: age(row),
        withoutLog,
        signal,
      });
      inARow = 0;
      note(bookmark, { id: row.id, finished: true, endAt: row.end_time ?? null });
      settle(bookmark, row.id, read.change.settled, now());
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
    note(bookmark, { id: row.id, finished: true, endAt: row.end_time ?? null });
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

  return {
    taken,
    delta,
    unreadable: () => unreadable,
    /** One delta for each finished job, one for each run of open ones. */
    async *takeAll(rows: readonly JobRow[]): AsyncGenerator<Delta> {
      let open: ReadJob[] = [];
      for (const row of rows) {
        taken.add(row.id);
        if (row.state === 'Finished') {
          if (open.length > 0) yield delta(open);
          open = [];
          yield await takeFinished(row);
        } else {
          note(bookmark, { id: row.id, finished: false, endAt: null });
          open.push(withoutResults(row, await surround(row), redact));
        }
      }
      if (open.length > 0) yield delta(open);
    },
  };
}

/** Jobs that are known, by their numbers; those that are no more are forgotten. */
async function* lookAt(
  ids: readonly number[],
  client: Client,
  bookmark: Bookmark,
  taker: Taker,
  signal: AbortSignal,
): AsyncGenerator<Delta> {
  const wanted = [...new Set(ids)].filter((id) => !taker.taken.has(id)).sort((a, b) => a - b);
  if (wanted.length === 0) return;
  for await (const page of client.jobsById(wanted, signal)) {
    yield* taker.takeAll(page.rows);
    if (page.rejected.length > 0) yield taker.delta([], page.rejected);
  }
  // A list may lack what is there: only what the master denies by name is forgotten.
  const lost = wanted.filter((id) => !taker.taken.has(id)).slice(0, DENIED);
  for (const id of lost) if (!(await client.isThere(id, signal))) forget(bookmark, id);
  if (lost.length > 0) yield taker.delta([], []);
}

/** New numbers, oldest first, with an overlap for those that were committed late. */
async function* discover(client: Client, bookmark: Bookmark, taker: Taker, signal: AbortSignal): AsyncGenerator<Delta> {
  const seen = new Set(bookmark.recent);
  for await (const page of client.jobsAfter(Math.max(0, bookmark.lastId - OVERLAP), signal)) {
    const rejected = page.rejected.filter(({ externalId }) => externalId === null || !seen.has(Number(externalId)));
    if (rejected.length > 0) yield taker.delta([], rejected);
    yield* taker.takeAll(page.rows.filter((row) => !seen.has(row.id)));
    // What is not understood counts as seen; the sweep finds it again when it has ended.
    const ids = rejected.map(({ externalId }) => Number(externalId ?? Number.NaN)).filter(Number.isInteger);
    for (const id of ids) note(bookmark, { id, finished: true, endAt: null });
    if (ids.length > 0) yield taker.delta([], []);
  }
}

/** Jobs that ended of late and were not seen to: a number far below the newest, committed or shown late. */
async function* sweep(
  client: Client,
  bookmark: Bookmark,
  taker: Taker,
  now: () => number,
  signal: AbortSignal,
): AsyncGenerator<Delta> {
  const since = Math.min(bookmark.endAt, now()) - END_WINDOW;
  const ended = new Map(bookmark.ended);
  for await (const page of client.jobsEndedAfter(since, signal)) {
    yield* taker.takeAll(page.rows.filter((row) => ended.get(row.id) !== row.end_time && !taker.taken.has(row.id)));
  }
  bookmark.sweptAt = now();
  yield taker.delta([], []);
}
