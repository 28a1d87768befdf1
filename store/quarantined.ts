/** What of a source could not be understood, for those who see every job of it. */
import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { keyset, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { ifOfAllJobs, letterIsVisible, type Sight, sightOf } from './visibility.ts';

const { deadLetter, source } = tables;

export type LetterRow = {
  id: number;
  sourceId: number;
  slug: string;
  hash: Buffer;
  stage: string;
  externalId: string | null;
  isJobStored: boolean;
  path: string;
  reason: string;
  at: Micros;
  lastAt: Micros;
  attempts: number;
  bytes: number;
};

export type StageRow = { stage: string; count: number; newestAt: Micros };

/** Stages of records of which the id is a job's. */
const OF_JOBS = sql`${deadLetter.stage} IN ('job', 'definition', 'suite', 'case', 'log')`;
const IS_STORED = sql<number>`CASE WHEN ${OF_JOBS} AND EXISTS (SELECT 1 FROM job WHERE job.source_id = ${source.id}
  AND job.epoch = ${source.epoch} AND job.external_id = ${deadLetter.externalId}) THEN 1 ELSE 0 END`;
const { id, sourceId, hash, stage, externalId, path, reason, at, lastAt, attempts } = deadLetter;

async function read(store: Store, where: SQL | undefined, orderBy: SQL[], limit: number): Promise<LetterRow[]> {
  const rows = await store.db
    .select({
      ...{ id, sourceId, slug: source.slug, hash, stage, externalId, path, reason, at, lastAt, attempts },
      bytes: sql<number>`length(${deadLetter.raw})`,
      isStored: IS_STORED,
    })
    .from(deadLetter)
    .innerJoin(source, eq(source.id, deadLetter.sourceId))
    .where(where)
    .orderBy(...orderBy)
    .limit(limit);
  return rows.map(({ isStored, ...row }) => ({
    ...row,
    slug: fromStored(row.slug),
    externalId: row.externalId === null ? null : fromStored(row.externalId),
    path: fromStored(row.path),
    reason: fromStored(row.reason),
    isJobStored: isStored === 1,
  }));
}

const isOpen = (sight: Sight) => and(letterIsVisible(sight), isNull(deadLetter.resolvedAt));

/** Those that came first last are first; null for who does not see every job. */
export async function listLetters(
  store: Store,
  viewer: Viewer,
  ofSource: number,
  page: PageRequest,
): Promise<Page<LetterRow> | null> {
  const sight = await sightOf(store, viewer);
  if (ifOfAllJobs(sight, true) === null) return null;
  const { where, orderBy } = keyset([sql`${deadLetter.id}`], 'desc', page);
  const rows = await read(store, and(isOpen(sight), eq(sourceId, ofSource), where), orderBy, page.limit + 1);
  return toPage(rows, page);
}

/** How many there are of each stage, most first; null for who does not see every job. */
export async function countLetters(store: Store, viewer: Viewer, ofSource: number): Promise<StageRow[] | null> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select({ stage, count: sql<number>`count(*)`, newestAt: sql<number>`max(${lastAt})` })
    .from(deadLetter)
    .where(and(isOpen(sight), eq(sourceId, ofSource)))
    .groupBy(stage);
  return ifOfAllJobs(
    sight,
    rows.toSorted((a, b) => b.count - a.count || (a.stage < b.stage ? -1 : 1)),
  );
}

/** By the hash of its bytes and place, or by its number. */
export async function getLetter(
  store: Store,
  viewer: Viewer,
  slug: string,
  key: { hash: Buffer } | { id: number },
): Promise<LetterRow | null> {
  const sight = await sightOf(store, viewer);
  const isIt = 'hash' in key ? eq(hash, key.hash) : eq(id, key.id);
  const where = and(isOpen(sight), eq(source.slug, toStored(slug)), isIt);
  const [row] = await read(store, where, [], 1);
  return row ?? null;
}

/** Bytes of records, from one on, by the records' ids. */
export async function getRawBytes(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
  from: number,
  limit: number,
): Promise<Map<number, Buffer>> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select({ id, raw: sql<Buffer>`substr(${deadLetter.raw}, ${sql.raw(`${from + 1}, ${limit}`)})` })
    .from(deadLetter)
    .where(and(isOpen(sight), inArray(id, [...ids])));
  return new Map(rows.map((row) => [row.id, row.raw]));
}
