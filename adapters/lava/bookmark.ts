/** Where a walk through a master stands. Opaque to everyone else; saved with the data it stands for. */
import { z } from 'zod';
import type { Look } from './read-job.ts';

const Bookmark = z.object({
  v: z.literal(2),
  /** Every job up to this id has been seen, but for late ones within the overlap. */
  lastId: z.int().nonnegative(),
  /** Ids seen within the overlap below lastId. */
  recent: z.array(z.int()),
  /** Ids that had not finished. */
  open: z.array(z.int()),
  /** Finished jobs that are to be read again: id, since when, when last tried. */
  settling: z.array(z.tuple([z.int(), z.int(), z.int()])),
  /** What was seen of them: id, digest, lines of the log (-1 without one). */
  looks: z.array(z.tuple([z.int(), z.string(), z.int()])).default([]),
  /** Newest end of a job seen, and the ends seen in the window before it. */
  endAt: z.int(),
  ended: z.array(z.tuple([z.int(), z.int()])),
  sweptAt: z.int(),
  /** Jobs below this id are history that is still to be read; null when all of it was. */
  below: z.int().nullable().default(null),
  /** Of those, the ones up to this id were read, when the oldest are read first. */
  above: z.int().nonnegative().default(0),
  /** How many of them there are. */
  left: z.int().nonnegative().default(0),
});
export type Bookmark = z.infer<typeof Bookmark>;

const START: Bookmark = {
  ...{ v: 2, lastId: 0, recent: [], open: [], settling: [], looks: [], endAt: 0, ended: [], sweptAt: 0 },
  ...{ below: null, above: 0, left: 0 },
};

/** Jobs are numbered before they are committed: a lower number may appear later. */
export const OVERLAP = 20;
/** Jobs that ended this long before the newest end are looked for again. */
export const END_WINDOW = 3_600_000_000;

/** A bookmark of another version begins anew: writing the same again changes nothing. */
export function readBookmark(text: string | null): Bookmark {
  const known = text === null ? null : Bookmark.safeParse(JSON.parse(text));
  return known?.success ? known.data : structuredClone(START);
}

export function writeBookmark(bookmark: Bookmark): string {
  return JSON.stringify(bookmark);
}

/** Notes that a row was seen as it is now. An end in the future is no measure of what ended of late. */
export function note(
  bookmark: Bookmark,
  row: { id: number; finished: boolean; endAt: number | null },
  now: number,
): void {
  if (row.id > bookmark.lastId) bookmark.lastId = row.id;
  if (row.id > bookmark.lastId - OVERLAP && !bookmark.recent.includes(row.id)) bookmark.recent.push(row.id);
  bookmark.recent = bookmark.recent.filter((id) => id > bookmark.lastId - OVERLAP).sort((a, b) => a - b);
  bookmark.open = bookmark.open.filter((id) => id !== row.id);
  if (!row.finished) bookmark.open = [...bookmark.open, row.id].sort((a, b) => a - b);
  else if (row.endAt !== null) {
    bookmark.endAt = Math.max(bookmark.endAt, row.endAt);
    const since = Math.min(bookmark.endAt, now) - 2 * END_WINDOW;
    const others = bookmark.ended.filter(([id, at]) => id !== row.id && at >= since);
    bookmark.ended =
      row.endAt >= since ? [...others, [row.id, row.endAt] as [number, number]].sort((a, b) => a[0] - b[0]) : others;
  }
}

/** Notes that a finished job is to be read again, and what was seen of it; or no more. */
export function settle(bookmark: Bookmark, id: number, settled: boolean, now: number, look: Look | null = null): void {
  const since = bookmark.settling.find(([known]) => known === id)?.[1] ?? now;
  unsettle(bookmark, id);
  if (settled) return;
  bookmark.settling.push([id, since, now]);
  if (look) bookmark.looks.push([id, look.digest, look.lines ?? -1]);
}

export function lastLook(bookmark: Bookmark, id: number): Look | null {
  const [, digest, lines = -1] = bookmark.looks.find(([known]) => known === id) ?? [];
  return digest === undefined ? null : { digest, lines: lines < 0 ? null : lines };
}

function unsettle(bookmark: Bookmark, id: number): void {
  bookmark.settling = bookmark.settling.filter(([known]) => known !== id);
  bookmark.looks = bookmark.looks.filter(([known]) => known !== id);
}

/** Ids to be read again now; the longer it takes, the seldomer they are tried. */
export function due(bookmark: Bookmark, patience: number, now: number): number[] {
  return bookmark.settling
    .filter(([, since, tried]) => now - tried >= Math.max(patience, tried - since))
    .map(([id]) => id);
}

/** Forgets a job that is no more. */
export function forget(bookmark: Bookmark, id: number): void {
  bookmark.open = bookmark.open.filter((known) => known !== id);
  unsettle(bookmark, id);
}

/** Whether it is looked at again before it counts as final. */
export function waitsFor({ open, settling }: Bookmark, id: number): boolean {
  return open.includes(id) || settling.some(([known]) => known === id);
}

/** Of these ids, those that are open, and those that were never seen where a walk looks for new ones. */
export function unread(bookmark: Bookmark, ids: readonly number[]): { open: number[]; unseen: number[] } {
  const recent = new Set(bookmark.recent);
  const open = new Set(bookmark.open);
  return {
    open: ids.filter((id) => open.has(id)),
    unseen: ids.filter((id) => !open.has(id) && id > bookmark.lastId - OVERLAP && !recent.has(id)),
  };
}
