/** How often tests turned to fail, added up over days. All that reads flip_day for an answer is here. */
import type { EnvironmentRow } from './environment.ts';
import { addCounts, type CountSums, createCountSums } from './packed-counts.ts';
import type { Store } from './store.ts';

/** Days (UTC) since the epoch: from the first up to before the last. */
export type Days = { from: number; until: number };

export type FlipKey = 'SERIES' | 'SOURCE';

/** Cases that turned to fail on one device type; of one source, or of all where `sourceId` is null. */
export type FlipGroup = {
  deviceTypeId: number;
  sourceId: number | null;
  caseIds: Int32Array;
  /** Of the case in the same place. */
  flips: Int32Array;
};

export async function sumFlips(
  store: Store,
  environments: readonly EnvironmentRow[],
  by: FlipKey,
  { from, until }: Days,
): Promise<FlipGroup[]> {
  if (environments.length === 0) return [];
  const rows = await store.sql.all<{ envId: number; flips: Buffer }>(
    `SELECT env_id AS "envId", flips FROM flip_day
     WHERE env_id IN (${environments.map(() => '?').join(', ')}) AND day >= ? AND day < ?`,
    ...[...environments.map(({ id }) => id), from, until],
  );
  const top = await store.sql.get<{ id: number | null }>('SELECT max(id) AS id FROM test_case');
  const sums = createCountSums((top?.id ?? 0) + 1);
  const byEnv = Map.groupBy(rows, (row) => row.envId);
  const groupOf = (row: EnvironmentRow) => `${row.deviceTypeId}/${by === 'SOURCE' ? row.sourceId : ''}`;
  return [...Map.groupBy(environments, groupOf).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    for (const { id } of group) for (const { flips } of byEnv.get(id) ?? []) addCounts(flips, sums);
    return { deviceTypeId: first.deviceTypeId, sourceId: by === 'SOURCE' ? first.sourceId : null, ...take(sums) };
  });
}

/** The sums so far; the next begin anew. */
function take(from: CountSums): Pick<FlipGroup, 'caseIds' | 'flips'> {
  const caseIds = from.seen.slice(0, from.size);
  const flips = new Int32Array(from.size);
  for (let i = 0; i < from.size; i++) {
    const caseId = caseIds[i] ?? 0;
    flips[i] = from.sums[caseId] ?? 0;
    from.sums[caseId] = 0;
  }
  from.size = 0;
  return { caseIds, flips };
}
