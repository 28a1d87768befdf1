/** What changed on a master since the bookmark: new jobs, open ones, those that settle, late ones; then its history. */
import type { Micros } from '#schema/records.ts';
import type { Delta, ReadContext } from '../adapter.ts';
import { isDue } from '../due.ts';
import { backfill, begin, isNew } from './backfill.ts';
import { type Bookmark, due, END_WINDOW, forget, note, OVERLAP, readBookmark, unread } from './bookmark.ts';
import type { Client } from './client.ts';
import { createTaker, type Taker, type WalkOptions } from './taker.ts';

const SECOND = 1_000_000;
const SWEEP_EVERY = 600 * SECOND;
/** So many jobs that are gone from a list are asked for by name in a walk. */
const DENIED = 20;
/** @throws SourceError at the end when single jobs could not be read: everything else was. */
export async function* walk(
  options: WalkOptions,
  from: string | null,
  context: ReadContext,
  only: readonly number[] | null,
): AsyncGenerator<Delta> {
  const { client } = options;
  const { signal } = context;
  const bookmark = readBookmark(from);
  const taker = createTaker(options, bookmark, context);

  if (only) {
    const { open, unseen } = unread(bookmark, only);
    // A number beyond the last one must not make those between count as seen.
    if (unseen.length > 0) yield* discover(client, bookmark, taker, context);
    yield* lookAt(open, client, bookmark, taker, signal);
    if (taker.unreadable()) throw taker.unreadable();
    return;
  }
  if (isNew(bookmark)) yield* begin(options, bookmark, taker, context);
  yield* news(options, bookmark, taker, context);
  yield* backfill(options, bookmark, taker, context, () => news(options, bookmark, taker, context));
  if (taker.unreadable()) throw taker.unreadable();
}

/** A round through all that may be new. */
async function* news(
  { client, settleSeconds, historySince }: WalkOptions,
  bookmark: Bookmark,
  taker: Taker,
  context: ReadContext,
): AsyncGenerator<Delta> {
  const { now, signal } = context;
  taker.taken.clear();
  const isSweepDue = () => bookmark.endAt > 0 && isDue(now(), bookmark.sweptAt, SWEEP_EVERY);
  // What is new is not looked for twice; an open job of a lower number is found when the ends are swept.
  const mayHaveOpen = bookmark.open.length > 0 || bookmark.endAt === 0 || isSweepDue();
  yield* discover(client, bookmark, taker, context);
  const listed = new Set<number>();
  if (mayHaveOpen) {
    for await (const page of client.openJobs(signal)) {
      for (const { id } of page.rows) listed.add(id);
      yield* taker.takeAll(page.rows.filter((row) => !taker.taken.has(row.id)));
    }
  }
  const left = bookmark.open.filter((id) => !listed.has(id) && !taker.taken.has(id));
  const waiting = due(bookmark, settleSeconds * SECOND, now());
  yield* lookAt([...left, ...waiting], client, bookmark, taker, signal);
  if (isSweepDue()) yield* sweep(client, bookmark, taker, now, signal, historySince ?? 0);
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
async function* discover(
  client: Client,
  bookmark: Bookmark,
  taker: Taker,
  { now, signal }: ReadContext,
): AsyncGenerator<Delta> {
  const seen = new Set(bookmark.recent);
  for await (const page of client.jobsAfter(Math.max(0, bookmark.lastId - OVERLAP), signal)) {
    const rejected = page.rejected.filter(({ externalId }) => externalId === null || !seen.has(Number(externalId)));
    if (rejected.length > 0) yield taker.delta([], rejected);
    yield* taker.takeAll(page.rows.filter((row) => !seen.has(row.id)));
    // What is not understood counts as seen; the sweep finds it again when it has ended.
    const ids = rejected.map(({ externalId }) => Number(externalId ?? Number.NaN)).filter(Number.isInteger);
    for (const id of ids) note(bookmark, { id, finished: true, endAt: null }, now());
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
  historySince: Micros,
): AsyncGenerator<Delta> {
  const since = Math.min(bookmark.endAt, now()) - END_WINDOW;
  const ended = new Map(bookmark.ended);
  let count = 0;
  let hasShrunk = false;
  for await (const page of client.jobsEndedAfter(since, signal)) {
    // What is deleted meanwhile moves others off the pages that are still to come.
    hasShrunk ||= page.count < count;
    count = page.count;
    const unseen = page.rows.filter(
      ({ id, end_time, submit_time }) =>
        id >= (bookmark.below ?? 0) &&
        ended.get(id) !== end_time &&
        submit_time >= historySince &&
        !taker.taken.has(id),
    );
    yield* taker.takeAll(unseen);
  }
  if (!hasShrunk) bookmark.sweptAt = now();
  yield taker.delta([], []);
}
