/** What sources were asked, in slots of ten minutes, by what for. */
import { and, inArray, sql } from 'drizzle-orm';
import type { Asked, Micros } from '#schema/records.ts';
import { RequestKind } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { Store } from './store.ts';
import { ifOfAllJobs, sightOf } from './visibility.ts';
import type { Writer } from './writer.ts';

const { requestSlot } = tables;

export const SLOT_MICROS = 600_000_000;
const KEEP_SLOTS = 8 * 144;
/** Durations are counted in buckets, four an octave: what is read back is within 9 % of what was. */
const A_OCTAVE = 4;

type Durations = Record<string, number>;
type SlotRow = { requests: number; failed: number; bytes: number; waitedMs: number; durations: string };

/** Call inside a transaction. */
export async function addAsked(writer: Writer, sourceId: number, asked: readonly Asked[], at: Micros): Promise<void> {
  const { sql } = writer.store;
  for (const one of asked) {
    const key = [sourceId, Math.floor((one.at ?? at) / SLOT_MICROS), one.kind] as const;
    const before = await sql.get<SlotRow>(
      `SELECT requests, failed, bytes, waited_ms AS "waitedMs", durations FROM request_slot
       WHERE source_id = ? AND slot = ? AND kind = ?`,
      ...key,
    );
    const durations: Durations = before ? JSON.parse(before.durations) : {};
    for (const ms of one.durationsMs) addTo(durations, bucketOf(ms));
    const waitedMs = one.durationsMs.reduce((sum, ms) => sum + ms, 0);
    await sql.run(
      `INSERT INTO request_slot (source_id, slot, kind, requests, failed, bytes, waited_ms, durations)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (source_id, slot, kind) DO UPDATE SET requests = excluded.requests, failed = excluded.failed,
         bytes = excluded.bytes, waited_ms = excluded.waited_ms, durations = excluded.durations`,
      ...key,
      (before?.requests ?? 0) + one.requests,
      (before?.failed ?? 0) + one.failed,
      (before?.bytes ?? 0) + one.bytes,
      (before?.waitedMs ?? 0) + Math.round(waitedMs),
      JSON.stringify(durations),
    );
  }
  await sql.run(
    'DELETE FROM request_slot WHERE source_id = ? AND slot < ?',
    sourceId,
    Math.floor(at / SLOT_MICROS) - KEEP_SLOTS,
  );
}

function addTo(durations: Durations, bucket: string | number, times = 1): void {
  durations[bucket] = (durations[bucket] ?? 0) + times;
}

export function bucketOf(ms: number): number {
  return Math.max(0, Math.round(A_OCTAVE * Math.log2(Math.max(1, ms))));
}

/** Milliseconds that so great a share of the requests took no longer than; null without requests. */
export function quantile(durations: Durations, share: number): number | null {
  const buckets = Object.entries(durations).sort(([a], [b]) => Number(a) - Number(b));
  const total = buckets.reduce((sum, [, times]) => sum + times, 0);
  let seen = 0;
  for (const [bucket, times] of buckets) {
    seen += times;
    if (seen >= total * share) return 2 ** (Number(bucket) / A_OCTAVE);
  }
  return null;
}

export type RequestsRow = {
  /** Null: of all kinds together. */
  kind: RequestKind | null;
  requests: number;
  failed: number;
  bytes: number;
  waitedMs: number;
  p50Ms: number | null;
  p95Ms: number | null;
};

export type AskedSince = { since: Micros; total: RequestsRow; kinds: RequestsRow[] };

/**
 * What sources were asked from the slot of an instant on, all kinds in their order; nothing for who does not see every
 * job.
 */
export async function getAsked(
  store: Store,
  viewer: Viewer,
  sourceIds: readonly number[],
  since: Micros,
): Promise<Map<number, AskedSince>> {
  const sight = await sightOf(store, viewer);
  const seen =
    ifOfAllJobs(
      sight,
      sourceIds.filter((id) => sight.sourceIds.includes(id)),
    ) ?? [];
  const first = Math.floor(since / SLOT_MICROS);
  const { sourceId, kind, requests, failed, bytes, waitedMs, durations } = requestSlot;
  const rows = await store.db
    .select({ sourceId, kind, requests, failed, bytes, waitedMs, durations: sql<string>`${durations}` })
    .from(requestSlot)
    .where(and(inArray(sourceId, seen), sql`${requestSlot.slot} >= ${first}`));
  const parsed = rows.map((row) => ({ ...row, durations: JSON.parse(row.durations) as Durations }));
  const bySource = Map.groupBy(parsed, (row) => row.sourceId);
  return new Map(
    seen.map((id) => {
      const mine = bySource.get(id) ?? [];
      const byKind = Map.groupBy(mine, (row) => row.kind);
      const kinds = RequestKind.options.map((one) => sumOf(one, byKind.get(one) ?? []));
      return [id, { since: first * SLOT_MICROS, total: sumOf(null, mine), kinds }];
    }),
  );
}

type Parsed = Omit<SlotRow, 'durations'> & { durations: Durations };

function sumOf(kind: RequestKind | null, rows: readonly Parsed[]): RequestsRow {
  const durations: Durations = {};
  const sum = { kind, requests: 0, failed: 0, bytes: 0, waitedMs: 0 };
  for (const row of rows) {
    sum.requests += row.requests;
    sum.failed += row.failed;
    sum.bytes += row.bytes;
    sum.waitedMs += row.waitedMs;
    for (const [bucket, times] of Object.entries(row.durations)) addTo(durations, bucket, times);
  }
  return { ...sum, p50Ms: quantile(durations, 0.5), p95Ms: quantile(durations, 0.95) };
}
