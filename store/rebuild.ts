/**
 * Derived tables against the facts, slice by slice: each is small enough for one transaction beside a running ingest.
 * What device types are called here comes first, then histories, then what follows from them.
 */
import type { Micros } from '#schema/records.ts';
import { mendFailures, type Place } from './rebuild-failures.ts';
import { mendHistories } from './rebuild-history.ts';
import { mendMatches } from './rebuild-issues.ts';
import { type Difference, mendBuild, mendDays } from './rebuild-rollups.ts';
import { mendTypes } from './rebuild-types.ts';
import { deleteState, readState, saveState } from './state.ts';
import type { Sql } from './store.ts';
import type { Writer } from './writer.ts';

/** Differences of a slice, and where the next one of the same environment begins; null after its last. */
type Checked = { found: Difference[]; next: Place | null };
type Check = (writer: Writer, id: number, after: Place | null) => Promise<Checked>;

/** Aliases are few, and all are held against all environments and boards at once: one slice, of a table of one row. */
const ONE = '(SELECT 1 AS id) one';

const STEPS: readonly { ids: 'env' | 'build' | typeof ONE; check: Check }[] = [
  { ids: ONE, check: ({ store }) => inOne(mendTypes(store.sql)) },
  { ids: 'env', check: ({ store, shapes }, id) => inOne(mendHistories(store.sql, id, shapes)) },
  { ids: 'env', check: ({ store }, id) => inOne(mendDays(store.sql, id)) },
  { ids: 'build', check: ({ store }, id) => inOne(mendBuild(store.sql, id)) },
  { ids: 'env', check: mendMatches },
  { ids: 'env', check: mendFailures },
];

async function inOne(found: Promise<Difference[]>): Promise<Checked> {
  return { found: await found, next: null };
}

/** The environment or build `id` in step `step`, and up to where of it, where it is not whole. */
type Slice = { step: number; id: number; upTo?: Place | null };

/** The slice that follows; null after the last one. */
async function nextSlice(sql: Sql, after: Slice | null): Promise<Slice | null> {
  if (after?.upTo) return after;
  let { step, id } = after ?? { step: 0, id: 0 };
  for (; step < STEPS.length; step++, id = 0) {
    const row = await sql.get<{ id: number | null }>(`SELECT min(id) AS id FROM ${STEPS[step]?.ids} WHERE id > ?`, id);
    if (row && row.id !== null) return { step, id: row.id };
  }
  return null;
}

/** Called in a transaction, so that facts and what follows from them are of one moment. */
async function checkSlice(writer: Writer, slice: Slice): Promise<Checked> {
  const step = STEPS[slice.step];
  if (!step) throw new RangeError(`no step ${slice.step}`);
  const { found, next } = await step.check(writer, slice.id, slice.upTo ?? null);
  return { found: found.filter((d) => d.missing + d.extra + d.wrong > 0), next };
}

/** How far the round of checks has come, and what the last whole round found and mended. */
export type CheckState = {
  slice: Slice | null;
  differences: Difference[];
  last: { finishedAt: Micros; differences: Difference[] } | null;
};

export async function readCheckState(sql: Sql): Promise<CheckState> {
  return (await readState<CheckState>(sql, 'check')) ?? { slice: null, differences: [], last: null };
}

/** Checks and mends the slice that is next in the round, and remembers it; null ends the round. */
export async function checkNext(writer: Writer, at: Micros): Promise<Difference[] | null> {
  return (await checkSome(writer, at))?.found ?? null;
}

async function checkSome(writer: Writer, at: Micros): Promise<Checked | null> {
  const { sql } = writer.store;
  const check = async () => {
    const { slice: done, differences, last } = await readCheckState(sql);
    const slice = await nextSlice(sql, done);
    const checked = slice && (await checkSlice(writer, slice));
    const next: CheckState = checked
      ? { slice: { ...slice, upTo: checked.next }, differences: addUp([...differences, ...checked.found]), last }
      : { slice: null, differences: [], last: { finishedAt: at, differences } };
    await saveState(sql, 'check', next);
    return checked;
  };
  return writer.transaction(check, { alone: true });
}

/**
 * Brings every derived table to what the facts say, a transaction a slice, and returns what was not so: nothing in a
 * sound store. Can be stopped at any time and begun again; ingest may go on between two slices.
 */
export async function rebuild(
  writer: Writer,
  at: Micros,
  { onSlice, signal }: { onSlice?: (done: number, all: number) => void; signal?: AbortSignal } = {},
): Promise<Difference[]> {
  const { sql } = writer.store;
  const all = await countSlices(sql);
  const { last } = await readCheckState(sql);
  await writer.transaction(() => saveState(sql, 'check', { slice: null, differences: [], last } satisfies CheckState));
  let total: Difference[] = [];
  for (let done = 0; ; ) {
    if (signal?.aborted) return total;
    const checked = await checkSome(writer, at);
    if (!checked) break;
    total = addUp([...total, ...checked.found]);
    if (checked.next === null) done += 1;
    onSlice?.(done, Math.max(all, done));
  }
  await writer.transaction(() => deleteState(sql, 'rebuild'));
  return total;
}

/** A migration has left the derived tables to be rebuilt. */
export async function isRebuildDue(sql: Sql): Promise<boolean> {
  return (await readState(sql, 'rebuild')) !== null;
}

async function countSlices(sql: Sql): Promise<number> {
  let all = 0;
  for (const { ids } of STEPS) all += (await sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${ids}`))?.n ?? 0;
  return all;
}

/** One difference a table. */
function addUp(found: readonly Difference[]): Difference[] {
  const byTable = new Map<string, Difference>();
  for (const { table, missing, extra, wrong } of found) {
    const sum = byTable.get(table) ?? { table, missing: 0, extra: 0, wrong: 0 };
    byTable.set(table, {
      table,
      missing: sum.missing + missing,
      extra: sum.extra + extra,
      wrong: sum.wrong + wrong,
    });
  }
  return [...byTable.values()];
}
