/** What a test comes to in a build: the runs of all labs on a kind of board, laid over each other. */
import { setImmediate } from 'node:timers/promises';
import type { CaseIndex } from './case-index.ts';
import { eachNonPass, PASS, type Verdict, verdictOf, worseOf } from './codec.ts';

/** A run of a suite, by the place of its build among the columns. */
export type GridRun = { column: number; shapeId: number; verdicts: Uint8Array };

/** Runs of a suite on a device type. */
export type TypeRuns = {
  deviceType: string;
  runs: GridRun[];
  /** Columns in which a job that was to run the suite failed by the lab's fault. */
  lost: ReadonlySet<number>;
};

const bit = (verdict: Verdict) => 1 << verdict;
const PASSES = bit(PASS);
const FAILS = bit(verdictOf('FAIL'));
const UNKNOWNS = bit(verdictOf('UNKNOWN'));
const SKIPS = bit(verdictOf('SKIP'));
/** Runs looked at before others are served. */
const AT_ONCE = 500;

/** One letter for what the runs of a build say; a run says the worst of what it has, as a history does. */
function letterOf(said: number, isLost: boolean): string {
  if (said & FAILS) return said & PASSES ? 'M' : 'F';
  if (said & PASSES) return 'P';
  if (said & UNKNOWNS) return 'U';
  if (said & SKIPS) return 'S';
  return isLost ? 'I' : '.';
}

/** Of a case: every run that has it passes, or one does not. */
export const GREEN = 1;
export const OTHER = 2;

/** By number of the case; 0 for one that no run has. */
export function markCases(index: CaseIndex, runs: readonly GridRun[]): Uint8Array {
  const marks = new Uint8Array(index.size);
  for (const shapeId of new Set(runs.map((run) => run.shapeId))) {
    for (const n of index.casesOf(shapeId)) marks[n] = GREEN;
  }
  for (const { shapeId, verdicts } of runs) {
    const cases = index.casesOf(shapeId);
    eachNonPass(verdicts, (position) => {
      marks[cases[position] ?? 0] = OTHER;
    });
  }
  return marks;
}

/** A letter a column for each of the cases, in their order. */
export async function cellsOf(
  index: CaseIndex,
  { runs, lost }: TypeRuns,
  cases: readonly number[],
  columns: number,
): Promise<string[]> {
  const rowOf = new Int32Array(index.size).fill(-1);
  for (const [row, n] of cases.entries()) rowOf[n] = row;
  const said = new Uint8Array(cases.length * columns);
  const worst = new Uint8Array(cases.length);
  const byShape = new Map<number, { rowAt: Int32Array; rows: Int32Array }>();
  const rowsOf = (shapeId: number) => {
    const known = byShape.get(shapeId);
    if (known) return known;
    const rowAt = index.casesOf(shapeId).map((n) => rowOf[n] ?? -1);
    const found = { rowAt, rows: Int32Array.from(new Set(rowAt.filter((row) => row >= 0))) };
    byShape.set(shapeId, found);
    return found;
  };
  for (const [i, { column, shapeId, verdicts }] of runs.entries()) {
    if (i > 0 && i % AT_ONCE === 0) await setImmediate();
    const { rowAt, rows } = rowsOf(shapeId);
    for (const row of rows) worst[row] = PASS;
    eachNonPass(verdicts, (position, verdict) => {
      const row = rowAt[position] ?? -1;
      if (row >= 0) worst[row] = worseOf(worst[row] ?? PASS, verdict);
    });
    for (const row of rows) {
      const at = row * columns + column;
      said[at] = (said[at] ?? 0) | bit(worst[row] ?? PASS);
    }
  }
  return cases.map((_, row) => {
    let letters = '';
    for (let column = 0; column < columns; column++)
      letters += letterOf(said[row * columns + column] ?? 0, lost.has(column));
    return letters;
  });
}
