/** The results of single cases in runs of one suite. */
import type { CaseIndex } from './case-index.ts';
import { unpackVerdicts, type Verdict } from './codec.ts';

export type CaseRun = { jobId: number; ord: number; shapeId: number; verdicts: Uint8Array };

export type CaseResult<Run extends CaseRun> = { run: Run; position: number; verdict: Verdict };

/** Reads the results of a case in the order of the runs; vectors are unpacked once. */
export type ReadResults = <Run extends CaseRun>(index: CaseIndex, runs: readonly Run[], n: number) => CaseResult<Run>[];

export function createResultReader(): ReadResults {
  const unpacked = new Map<CaseRun, Uint8Array>();
  const verdictsOf = (run: CaseRun, size: number) => {
    const verdicts = unpacked.get(run) ?? unpackVerdicts(run.verdicts, size);
    unpacked.set(run, verdicts);
    return verdicts;
  };
  return (index, runs, n) => {
    const places = new Map<number, number[]>();
    return runs.flatMap((run) => {
      const cases = index.casesOf(run.shapeId);
      const positions = places.get(run.shapeId) ?? positionsOf(cases, n);
      places.set(run.shapeId, positions);
      return positions.map((position) => ({
        run,
        position,
        verdict: verdictsOf(run, cases.length)[position] ?? 0,
      }));
    });
  };
}

function positionsOf(cases: Int32Array, n: number): number[] {
  const positions: number[] = [];
  for (let at = cases.indexOf(n); at >= 0; at = cases.indexOf(n, at + 1)) positions.push(at);
  return positions;
}

/** The cases of runs, each once, in the order in which the runs have them. */
export function orderCases(index: CaseIndex, runs: readonly CaseRun[]): Int32Array {
  const order = new Int32Array(index.size);
  const placed = new Uint8Array(index.size);
  let size = 0;
  for (const shapeId of new Set(runs.map((run) => run.shapeId))) {
    for (const n of index.casesOf(shapeId)) {
      if (placed[n]) continue;
      placed[n] = 1;
      order[size++] = n;
    }
  }
  return order.subarray(0, size);
}
