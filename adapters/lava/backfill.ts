/** The history of a master that is new here: newest jobs first, beside what is new. */
import type { Delta, ReadContext } from '../adapter.ts';
import { SourceError } from '../error.ts';
import { type Bookmark, OVERLAP } from './bookmark.ts';
import type { Client } from './client.ts';
import type { Taker, WalkOptions } from './taker.ts';

/** How long the history is read before there is a look at what is new. */
const NEWS_EVERY = 30_000_000;

export function isNew({ lastId }: Bookmark): boolean {
  return lastId === 0;
}

/** Says where history begins. */
export async function* begin(
  { client, newest }: WalkOptions,
  bookmark: Bookmark,
  taker: Taker,
  { now, signal }: ReadContext,
): AsyncGenerator<Delta> {
  const last = await client.endOfList('-id', signal);
  if (last === null || last <= newest + OVERLAP) return;
  bookmark.lastId = last - newest;
  bookmark.below = bookmark.lastId - OVERLAP + 1;
  // Late numbers among the history are read with it.
  bookmark.sweptAt = now();
  yield taker.delta([]);
}

/** Reads down to the oldest job, and `news` in between. */
export async function* backfill(
  client: Client,
  bookmark: Bookmark,
  taker: Taker,
  { now, signal }: ReadContext,
  news: () => AsyncGenerator<Delta>,
): AsyncGenerator<Delta> {
  let lookedAt = now();
  while (bookmark.below !== null) {
    const page = await client.jobsBefore(bookmark.below, signal);
    let left = page.count;
    const known = new Set([...bookmark.open, ...bookmark.ended.map(([id]) => id)]);
    for (const row of page.rows) {
      bookmark.below = row.id;
      left -= 1;
      bookmark.left = left;
      if (!known.has(row.id)) yield* taker.takeAll([row]);
      if (now() - lookedAt >= NEWS_EVERY) {
        yield* news();
        lookedAt = now();
      }
    }
    if (page.lowest !== null) bookmark.below = page.lowest;
    if (page.read >= page.count) {
      await assertOldest(client, bookmark.below, signal);
      bookmark.below = null;
      bookmark.left = 0;
    }
    yield taker.delta([], page.rejected);
  }
}

/** A list that ends may be one that lacks its rows: the list from its other end must agree. */
async function assertOldest(client: Client, below: number, signal: AbortSignal): Promise<void> {
  const oldest = await client.endOfList('id', signal);
  if (oldest !== null && oldest >= below) return;
  const told = oldest === null ? 'shows no job' : `shows job ${oldest}`;
  const message = `${told}, and showed none below ${below}; its history is read on at the next sync`;
  throw new SourceError('SERVER_ERROR', client.slug, message);
}
