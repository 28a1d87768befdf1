/**
 * Derived tables against the facts, slice by slice: each is small enough for one transaction beside a running ingest.
 * Histories come first, then what follows from them.
 */
import type { Sql } from './open.ts';
import { checkExtraFlips, checkMissingRuns, checkSuite } from './rebuild-history.ts';
import { checkBuild, checkDays, type Difference } from './rebuild-rollups.ts';
import type { Shapes } from './shape.ts';
import type { Writer } from './writer.ts';

type Check = (sql: Sql, shapes: Shapes, id: number, repair: boolean) => Promise<Difference[]>;

const STEPS: readonly { name: string; ids: string; check: Check }[] = [
  { name: 'runs', ids: 'env', check: (sql, _, id, repair) => checkMissingRuns(sql, id, repair) },
  { name: 'suites', ids: 'suite', check: checkSuite },
  { name: 'flips', ids: 'env', check: (sql, _, id, repair) => checkExtraFlips(sql, id, repair) },
  { name: 'days', ids: 'env', check: (sql, _, id, repair) => checkDays(sql, id, repair) },
  { name: 'builds', ids: 'build', check: (sql, _, id, repair) => checkBuild(sql, id, repair) },
];

/** The `id`th environment, suite or build of step `step`. */
export type Slice = { step: number; id: number };

/** The slice that follows; null after the last one. */
export async function nextSlice(sql: Sql, after: Slice | null): Promise<Slice | null> {
  let { step, id } = after ?? { step: 0, id: 0 };
  for (; step < STEPS.length; step++, id = 0) {
    const row = await sql.get<{ id: number | null }>(`SELECT min(id) AS id FROM ${STEPS[step]?.ids} WHERE id > ?`, id);
    if (row && row.id !== null) return { step, id: row.id };
  }
  return null;
}

/** Call inside a transaction, so that facts and what follows from them are of one moment. */
export async function checkSlice(sql: Sql, shapes: Shapes, slice: Slice, repair: boolean): Promise<Difference[]> {
  const step = STEPS[slice.step];
  if (!step) throw new RangeError(`no step ${slice.step}`);
  return (await step.check(sql, shapes, slice.id, repair)).filter((d) => d.missing + d.extra + d.wrong > 0);
}

/**
 * Brings every derived table to what the facts say, a transaction a slice, and returns what was not so: nothing in a
 * sound store. Can be stopped at any time and begun again; ingest may go on between two slices.
 */
export async function rebuild(writer: Writer, onSlice?: (done: number, all: number) => void): Promise<Difference[]> {
  const { sql } = writer.store;
  const all = await countSlices(sql);
  const total = new Map<string, Difference>();
  let done = 0;
  for (let slice = await nextSlice(sql, null); slice; slice = await nextSlice(sql, slice)) {
    const current = slice;
    addUp(total, await writer.transaction(() => checkSlice(sql, writer.shapes, current, true)));
    done += 1;
    onSlice?.(done, Math.max(all, done));
  }
  return [...total.values()];
}

async function countSlices(sql: Sql): Promise<number> {
  let all = 0;
  for (const { ids } of STEPS) all += (await sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${ids}`))?.n ?? 0;
  return all;
}

function addUp(total: Map<string, Difference>, found: readonly Difference[]): void {
  for (const { table, missing, extra, wrong } of found) {
    const sum = total.get(table) ?? { table, missing: 0, extra: 0, wrong: 0 };
    total.set(table, {
      table,
      missing: sum.missing + missing,
      extra: sum.extra + extra,
      wrong: sum.wrong + wrong,
    });
  }
}
