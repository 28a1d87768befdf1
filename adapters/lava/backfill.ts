/** The history of a master that is new here: newest jobs first, beside what is new. */
import type { Delta, ReadContext } from '../adapter.ts';
import { isDue } from '../due.ts';
import { SourceError } from '../error.ts';
import { type Bookmark, OVERLAP } from './bookmark.ts';
import type { Client } from './client.ts';
import type { JobRow } from './schema.ts';
import type { Taker, WalkOptions } from './taker.ts';

/** How long the history is read before there is a look at what is new. */
const NEWS_EVERY = 30_000_000;

export function isNew({ lastId }: Bookmark): boolean {
  return lastId === 0;
}

/** Says where history begins. */
export async function* begin(
  { client, newest, historySince }: WalkOptions,
  bookmark: Bookmark,
  taker: Taker,
  { now, signal }: ReadContext,
): AsyncGenerator<Delta> {
  const last = await client.newestId(signal);
  if (last === null) return;
  const first = historySince === null ? 1 : ((await client.firstSince(historySince, signal)) ?? last + 1);
  bookmark.above = first - 1;
  if (last - newest - OVERLAP < first) {
    bookmark.lastId = first - 1;
    for (let id = Math.max(1, first - OVERLAP); id < first; id++) bookmark.recent.push(id);
    return;
  }
  bookmark.lastId = last - newest;
  bookmark.below = bookmark.lastId - OVERLAP + 1;
  // Late numbers among the history are read with it.
  bookmark.sweptAt = now();
  yield taker.delta([]);
}

/** Reads the history in its order, and `news` in between; it rests as long as the caller says so. */
export async function* backfill(
  { client, history }: WalkOptions,
  bookmark: Bookmark,
  taker: Taker,
  { now, signal, rests }: ReadContext,
  news: () => AsyncGenerator<Delta>,
): AsyncGenerator<Delta> {
  let lookedAt = now();
  const goTo = (id: number) => {
    if (history === 'newest') bookmark.below = id;
    else bookmark.above = id;
  };
  while (bookmark.below !== null && !rests?.()) {
    const { above, below } = bookmark;
    const page = await client.jobsBetween({ above, below }, history, signal);
    const known = new Set([...bookmark.open, ...bookmark.ended.map(([id]) => id)]);
    const onTake = ({ id }: JobRow) => {
      goTo(id);
      bookmark.left = page.count - 1 - page.rows.findIndex((row) => row.id === id);
    };
    const unknown = page.rows.filter(({ id }) => !known.has(id));
    while (unknown.length > 0) {
      yield* taker.takeAll(unknown.splice(0, taker.size()), onTake);
      // By the distance, so that a clock that was put back delays nothing.
      if (!isDue(now(), lookedAt, NEWS_EVERY)) continue;
      yield* news();
      lookedAt = now();
    }
    bookmark.left = page.count - page.rows.length;
    if (page.last !== null) goTo(page.last);
    if (page.read >= page.count) {
      await assertEnd(client, bookmark, signal);
      bookmark.below = null;
      bookmark.above = 0;
      bookmark.left = 0;
    }
    yield taker.delta([], page.rejected);
  }
  if (bookmark.below !== null) yield { ...taker.delta([]), rests: true };
}

/** A list that ends may be one that lacks its rows: another one must agree. */
async function assertEnd(client: Client, { above, below }: Bookmark, signal: AbortSignal): Promise<void> {
  const next = await client.firstAfter(above, signal);
  if (next !== null && next >= (below ?? 0)) return;
  const told =
    next === null ? 'shows no job any more' : `shows job ${next}, and showed none between ${above} and ${below}`;
  throw new SourceError('SERVER_ERROR', client.slug, `${told}; its history is read on at the next sync`);
}
