/** Jobs that have changed and jobs that have gone out of sight, in one order, for whoever keeps a copy. */
import { and, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { CursorTooOld } from './error.ts';
import { type JobRow, listJobs } from './job.ts';
import type { JobFilter } from './job-filter.ts';
import { GONE_KEPT } from './job-gone.ts';
import { LOOKED_AT, unionInOrder } from './job-order.ts';
import { compareKeys, keyset } from './page.ts';
import { readSight, type SightMark } from './sight-mark.ts';
import type { Store, Value } from './store.ts';
import { fromStored } from './text.ts';
import { goneIsVisible, type Sight, sightOf } from './visibility.ts';

const { jobGone, source } = tables;

export type GoneJobRow = { sourceId: number; slug: string; epoch: number; externalId: string };
/** Either `job` or `removed`. */
export type JobChangeRow = { at: Micros; id: number; job: JobRow | null; removed: GoneJobRow | null };

/** Of a change: its instant, 0 when the job is gone or 1, and its number. No two have the same. */
type Place = readonly [at: Micros, kind: number, id: number];
/** Where a reader is, when he began, until when he was told everything last, and what he could see then. */
export type ChangeCursor = { place: Place; begun: Micros; upTo: Micros; sight: SightMark };

export type ChangeFilter = Pick<JobFilter, 'sources' | 'project' | 'state' | 'updatedSince'> &
  Pick<JobFilter, 'deviceTypes' | 'since' | 'until' | 'includeHealthChecks'>;

export type ChangePage = {
  rows: JobChangeRow[];
  hasNext: boolean;
  cursorOf(row: JobChangeRow): ChangeCursor;
  /** Where the next page begins, now or after any time. */
  end: ChangeCursor;
};

type Asked = { limit: number; after: ChangeCursor | null; now: Micros };

const BEGINNING: Place = [0, 0, 0];
const OLDEST_FIRST = { field: 'CHANGE_TIME', direction: 'ASC' } as const;

export const placeOf = ({ at, id, removed }: JobChangeRow): Place => [at, removed ? 0 : 1, id];

/**
 * Gone are told from where the reading began, or from `updatedSince`. Each job is in the order once, and every later change
 * of it comes after the horizon: what is read is what the reader may see, however long he takes.
 * @throws CursorTooOld when something that went since the cursor is told no more, or he could see something else then.
 */
export async function listJobChanges(
  store: Store,
  viewer: Viewer,
  filter: ChangeFilter,
  asked: Asked,
): Promise<ChangePage> {
  const horizon = await store.changeHorizon(asked.now);
  const { after } = asked;
  const begun = after?.begun ?? horizon;
  if (after && Math.max(after.place[0], after.upTo) < asked.now - GONE_KEPT)
    throw new CursorTooOld(
      'Jobs that are gone are told for two years, and this cursor is older: begin anew, without "after".',
    );
  for (;;) {
    const sight = await sightOf(store, viewer);
    const read = await readSight(store, sight, filter.sources ?? {});
    if (after) read.assertGoesOn(after.sight);
    const page = await readPage(store, viewer, { ...sight, sourceIds: read.sourceIds }, filter, {
      ...{ limit: asked.limit, after: after?.place ?? null, horizon },
      since: filter.updatedSince ?? begun,
    });
    // Who may see what may have changed under it.
    const { mark } = await readSight(store, await sightOf(store, viewer), filter.sources ?? {});
    if (mark.seen !== read.mark.seen) continue;
    const { rows, hasNext, end } = page;
    const before = after?.upTo ?? begun;
    const cursorAt = (place: Place, upTo: Micros): ChangeCursor => ({ place, begun, upTo, sight: read.mark });
    return {
      ...{ rows, hasNext, cursorOf: (row) => cursorAt(placeOf(row), before) },
      end: cursorAt(end, hasNext ? before : Math.max(before, horizon)),
    };
  }
}

type Bounds = { limit: number; after: Place | null; horizon: Micros; since: Micros };

async function readPage(
  store: Store,
  viewer: Viewer,
  sight: Sight,
  filter: ChangeFilter,
  bounds: Bounds,
): Promise<{ rows: JobChangeRow[]; hasNext: boolean; end: Place }> {
  const { limit, after, horizon } = bounds;
  const jobs = await listJobs(
    store,
    viewer,
    { ...filter, changedBefore: horizon },
    { limit, after: after && [after[0], after[1] === 0 ? 0 : after[2]], before: null, backward: false },
    OLDEST_FIRST,
    { atMost: LOOKED_AT },
  );
  const gone = await goneQuery(store, sight, bounds);
  const { stoppedAt } = jobs;
  const told = gone.flatMap(({ id, at, externalId, ...rest }) =>
    stoppedAt && at > Number(stoppedAt[0])
      ? []
      : [{ at, id, job: null, removed: { ...rest, externalId: fromStored(externalId) } }],
  );
  const changed = jobs.rows.map((job) => ({ at: job.changedAt, id: job.id, job, removed: null }));
  const all = [...told, ...changed].sort((a, b) => compareKeys(placeOf(a), placeOf(b)));
  const rows = all.slice(0, limit);
  const hasNext = jobs.hasNext || all.length > limit;
  const last = rows.at(-1);
  const end = last ? placeOf(last) : (after ?? BEGINNING);
  return {
    rows,
    hasNext,
    end: stoppedAt && rows.length < limit ? [Number(stoppedAt[0]), 1, Number(stoppedAt[1])] : end,
  };
}

function goneQuery(store: Store, sight: Sight, bounds: Bounds) {
  return store.db
    .select(goneColumns)
    .from(jobGone)
    .innerJoin(source, eq(source.id, jobGone.sourceId))
    .where(goneOnPage(store, sight, bounds));
}

const goneColumns = {
  id: jobGone.id,
  at: jobGone.at,
  sourceId: jobGone.sourceId,
  slug: source.slug,
  epoch: jobGone.epoch,
  externalId: jobGone.externalId,
};

/** The next that are gone, source by source, so that none is read that is not in sight. */
function goneOnPage(store: Store, sight: Sight, { limit, after, horizon, since }: Bounds): SQL {
  const follows = after && [after[1] === 0 ? after[0] : after[0] + 1, after[1] === 0 ? after[2] : 0];
  const { where, orderBy } = keyset([sql`${jobGone.at}`, sql`${jobGone.id}`], 'asc', {
    ...{ after: follows, before: null, backward: false },
  });
  const next = sql`LIMIT ${limit + 1}`;
  // As store/job-order.ts has it.
  const ofPiece = store.engine === 'postgres' && sight.sourceIds.length > 1 ? next : sql``;
  const pieces = sight.sourceIds.map(
    (id) => sql`SELECT ${jobGone.id} AS id, ${jobGone.at} AS at FROM job_gone
      WHERE ${and(eq(jobGone.sourceId, id), goneIsVisible(sight), gte(jobGone.at, since), lt(jobGone.at, horizon), where)}
      ORDER BY ${sql.join(orderBy, sql`, `)} ${ofPiece}`,
  );
  return sql`${jobGone.id} IN (SELECT id FROM (${unionInOrder(pieces, sql`ASC`, next)}) looked)`;
}

/** How the engine would read those that are gone: a step a line. */
export async function explainGone(store: Store, viewer: Viewer, after: Place | null): Promise<string[]> {
  const sight = await sightOf(store, viewer);
  const bounds = { limit: 50, after, horizon: 2, since: 1 };
  const query = goneQuery(store, sight, bounds).toSQL();
  return store.explain(
    query.sql,
    ...query.params.map((value) => (typeof value === 'boolean' ? Number(value) : (value as Value))),
  );
}
