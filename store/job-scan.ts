/** Jobs that match a filter: so many are looked at, in their order, for one answer. */
import { type SQL, sql } from 'drizzle-orm';
import type { Viewer } from '#schema/viewer.ts';
import type { JobFilter } from './job-filter.ts';
import { type JobOrder, jobsInOrder, LOOKED_AT, NEWEST, type OrderedJobs } from './job-order.ts';
import type { Key, PageRequest, Total } from './page.ts';
import type { Store } from './store.ts';
import { sightOf } from './visibility.ts';

/** The first look that found too few is widened so many times. */
const WIDER = 16;

export type Reading<Row> = {
  order?: JobOrder;
  /** So many jobs are looked at; when more may match then, it is told where looking stopped. */
  atMost: number;
  /** Reads jobs. */
  read(where: SQL, orderBy: readonly SQL[]): PromiseLike<Row[]>;
};

/** The next jobs that match, nearest to where the page begins first; at most `page.limit`. */
export async function readInOrder<Row>(
  store: Store,
  viewer: Viewer,
  filter: JobFilter,
  page: PageRequest,
  { order = NEWEST, atMost, read }: Reading<Row>,
): Promise<{ rows: Row[]; stoppedAt: Key | null }> {
  const ordered = await jobsInOrder(store, await sightOf(store, viewer), filter, page, order);
  for (let look = Math.min(ordered.firstLook(page.limit), atMost); ; look = Math.min(look * WIDER, atMost)) {
    const rows = await read(ordered.matching(look, page.limit), ordered.orderBy);
    if (rows.length >= page.limit) return { rows, stoppedAt: null };
    const last = await nthOf(store, ordered, look);
    if (last === null || look >= atMost) return { rows, stoppedAt: last };
  }
}

async function nthOf(store: Store, ordered: OrderedJobs, n: number): Promise<Key | null> {
  const [row] = await store.db.select({ at: sql<number>`at`, id: sql<number>`id` }).from(sql`(${ordered.nth(n)}) nth`);
  return row ? [row.at, row.id] : null;
}

/** How many jobs match, or the sum of a value of theirs: over at most 10,000 jobs, the newest. */
export async function sumInOrder(store: Store, viewer: Viewer, filter: JobFilter, value?: SQL): Promise<Total> {
  const everything = { after: null, before: null, backward: false };
  const ordered = await jobsInOrder(store, await sightOf(store, viewer), filter, everything);
  const [row] = await store.db
    .select({ looked: sql<number>`looked`, sum: sql<number>`sum` })
    .from(sql`(${ordered.summed(LOOKED_AT, value)}) summed`);
  const { looked = 0, sum = 0 } = row ?? {};
  return { count: sum, isExact: looked < LOOKED_AT || (await nthOf(store, ordered, LOOKED_AT + 1)) === null };
}
