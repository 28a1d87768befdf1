/** The last audit of a source by the day that jobs were submitted on. */
import { and, eq, inArray, type SQLWrapper, sql } from 'drizzle-orm';
import type { Micros } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { keyset, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { auditDayIsVisible, sightOf } from './visibility.ts';

const { auditDay } = tables;

export type AuditDayRow = {
  /** UTC, since the epoch. */
  day: number;
  checkedAt: Micros;
  sourceCount: number;
  storeCount: number;
  missing: number;
  changed: number;
  repaired: number;
  /** Stored and not listed; of these, the deleted and the hidden. */
  gone: number;
  deleted: number;
  hidden: number;
};

const sum = (column: SQLWrapper) => sql<number>`sum(${column})`;
const counts = {
  sourceCount: sum(auditDay.sourceCount),
  storeCount: sum(auditDay.storeCount),
  missing: sum(auditDay.missing),
  changed: sum(auditDay.changed),
  repaired: sum(auditDay.repaired),
  gone: sum(auditDay.gone),
  deleted: sum(auditDay.deleted),
  hidden: sum(auditDay.hidden),
};

/** Newest day first, over the jobs the viewer may see. `isOdd`: only days with jobs that are missing, differ or are not listed. */
export async function listAuditDays(
  store: Store,
  viewer: Viewer,
  sourceId: number,
  { isOdd }: { isOdd: boolean },
  page: PageRequest,
): Promise<Page<AuditDayRow>> {
  const sight = await sightOf(store, viewer);
  const { where, orderBy } = keyset([sql`${auditDay.day}`], 'desc', page);
  const { missing, changed, gone } = auditDay;
  const rows = await store.db
    .select({ day: auditDay.day, checkedAt: sql<number>`max(${auditDay.checkedAt})`, ...counts })
    .from(auditDay)
    .where(
      and(
        eq(auditDay.sourceId, sourceId),
        inArray(auditDay.sourceId, sight.sourceIds),
        auditDayIsVisible(sight),
        where,
      ),
    )
    .groupBy(auditDay.day)
    .having(isOdd ? sql`sum(${missing} + ${changed} + ${gone}) > 0` : sql`1 = 1`)
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(rows, page);
}

export type AuditedDays = { count: number; odd: number; first: number | null };

/** Days with jobs, those of them with something odd, and the first. */
export async function countAuditDays(store: Store, viewer: Viewer, sourceId: number): Promise<AuditedDays> {
  const sight = await sightOf(store, viewer);
  const { missing, changed, gone } = auditDay;
  const [row] = await store.db
    .select({
      count: sql<number>`count(DISTINCT ${auditDay.day})`,
      odd: sql<number>`count(DISTINCT CASE WHEN ${missing} + ${changed} + ${gone} > 0 THEN ${auditDay.day} END)`,
      first: sql<number | null>`min(${auditDay.day})`,
    })
    .from(auditDay)
    .where(and(eq(auditDay.sourceId, sourceId), inArray(auditDay.sourceId, sight.sourceIds), auditDayIsVisible(sight)));
  return row ?? { count: 0, odd: 0, first: null };
}
