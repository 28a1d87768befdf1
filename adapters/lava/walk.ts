/** What changed on a master since the bookmark: new jobs, open jobs, late ones, those that settle. */
import type { Delta, ReadContext } from '../adapter.ts';
import { SourceError } from '../error.ts';
import { type Bookmark, END_WINDOW, note, OVERLAP, readBookmark, writeBookmark } from './bookmark.ts';
import type { Client } from './client.ts';
import type { JobSurroundings } from './map.ts';
import { type ReadJob, readFinished, withoutResults } from './read-job.ts';
import type { JobRow } from './schema.ts';
import { fromMicros } from './time.ts';

const PAGE = 50;
const SWEEP_EVERY = 600_000_000;

export type WalkOptions = {
  slug: string;
  client: Client;
  settleSeconds: number;
  surroundings: (signal: AbortSignal) => Promise<JobSurroundings>;
};

export async function* walk(options: WalkOptions, from: string | null, { now, signal }: ReadContext): AsyncGenerator<Delta> {
  const { client, slug } = options;
  const around = await options.surroundings(signal);
  const bookmark = readBookmark(from);
  const settle = options.settleSeconds * 1_000_000;

  const read = async (row: JobRow): Promise<ReadJob> => {
    if (row.state !== 'Finished') return withoutResults(row, around, client.http.redact);
    const since = bookmark.settling.find(([id]) => id === row.id)?.[1] ?? now();
    const settled = now() - since >= settle || now() - (row.end_time ?? 0) >= settle + CLOCK_PATIENCE;
    try {
      return await readFinished(client, slug, row, around, settled, signal);
    } catch (cause) {
      if (!(cause instanceof SourceError && cause.code === 'UNAUTHORIZED')) throw cause;
      const reason = `job ${row.id} is listed but its results may not be read (${cause.message}): give the token's user the right to view it`;
      const bare = withoutResults(row, around, client.http.redact);
      const rejected = { stage: 'job' as const, externalId: String(row.id), path: 'tests', reason, raw: '' };
      return { change: { ...bare.change, settled: false }, rejected: [...bare.rejected, rejected] };
    }
  };
  const remember = (row: JobRow, settled: boolean) => {
    const finished = row.state === 'Finished';
    note(bookmark, { id: row.id, finished, endAt: row.end_time ?? null });
    const known = bookmark.settling.find(([id]) => id === row.id);
    bookmark.settling = bookmark.settling.filter(([id]) => id !== row.id);
    if (finished && !settled) bookmark.settling.push(known ?? [row.id, now()]);
  };
  const take = async (row: JobRow): Promise<Delta> => {
    const { change, rejected } = await read(row);
    remember(row, change.settled);
    return { changes: [change], rejected, bookmark: writeBookmark(bookmark) };
  };

  yield* discover(client, bookmark, take, signal);

  const open = await client.openJobs(signal);
  const listed = new Set(open.rows.map((row) => row.id));
  for (const row of open.rows) yield await take(row);
  const left = bookmark.open.filter((id) => !listed.has(id));
  const due = bookmark.settling.filter(([, since]) => now() - since >= settle).map(([id]) => id);
  const wanted = [...new Set([...left, ...due])].sort((a, b) => a - b);
  if (wanted.length > 0) {
    const again = await client.jobsById(wanted, signal);
    for (const row of again.rows) yield await take(row);
    const found = new Set(again.rows.map((row) => row.id));
    const lost = wanted.filter((id) => !found.has(id));
    if (lost.length > 0 || again.rejected.length > 0) {
      bookmark.open = bookmark.open.filter((id) => !lost.includes(id));
      bookmark.settling = bookmark.settling.filter(([id]) => !lost.includes(id));
      yield { changes: [], rejected: again.rejected, bookmark: writeBookmark(bookmark) };
    }
  }
  if (bookmark.endAt > 0 && now() - bookmark.sweptAt >= SWEEP_EVERY) yield* sweep(client, bookmark, take, now, signal);
}

/** A master's clock and ours may differ this much before a finished job counts as old. */
const CLOCK_PATIENCE = 300_000_000;

type Take = (row: JobRow) => Promise<Delta>;

/** New numbers, oldest first, with an overlap for those that were committed late. */
async function* discover(client: Client, bookmark: Bookmark, take: Take, signal: AbortSignal): AsyncGenerator<Delta> {
  const seen = new Set(bookmark.recent);
  for (let after = Math.max(0, bookmark.lastId - OVERLAP); ; ) {
    const page = await client.jobsAfter(after, signal, PAGE);
    if (page.rejected.length > 0) {
      const fresh = page.rejected.filter((r) => r.externalId === null || !seen.has(Number(r.externalId)));
      for (const { externalId } of fresh) {
        const id = Number(externalId);
        if (externalId !== null && Number.isInteger(id)) note(bookmark, { id, finished: true, endAt: null });
      }
      if (fresh.length > 0) yield { changes: [], rejected: fresh, bookmark: writeBookmark(bookmark) };
    }
    for (const row of page.rows) if (!seen.has(row.id)) yield await take(row);
    const ids = [...page.rows.map((row) => row.id), ...page.rejected.map((r) => Number(r.externalId)).filter(Number.isInteger)];
    if (page.rawCount < PAGE || ids.length === 0) return;
    after = Math.max(...ids);
  }
}

/** Jobs that ended of late and were never seen: a number far below the newest, committed or shown late. */
async function* sweep(client: Client, bookmark: Bookmark, take: Take, now: () => number, signal: AbortSignal): AsyncGenerator<Delta> {
  const since = bookmark.endAt - END_WINDOW;
  const ended = new Map(bookmark.ended);
  for (let offset = 0; ; offset += PAGE) {
    const page = await client.jobsEndedAfter(fromMicros(since), (row) => (row.end_time ?? 0) > since, offset, signal);
    for (const row of page?.rows ?? []) if (ended.get(row.id) !== row.end_time) yield await take(row);
    if (!page || page.rawCount < PAGE) break;
  }
  bookmark.sweptAt = now();
  yield { changes: [], rejected: [], bookmark: writeBookmark(bookmark) };
}
