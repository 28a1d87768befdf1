/** Several runs of one suite, of which for each case one speaks: what its results come to when they are counted once. */
import type { RunVerdict } from '#analysis/run-verdict.ts';
import type { CaseIndex } from './case-index.ts';
import type { CaseRun } from './case-run.ts';
import { badnessOf, type Counts, eachNonPass, PASS, RESULTS, type Verdict, worseOf } from './codec.ts';

export const NO_RESULT = 0;

export type Spoken = {
  /** Of each case: 0 for no result, else its verdict and one. */
  results: Uint8Array;
  /** Of each case: place of the run that speaks; -1 for none. */
  speakers: Int32Array;
};

/**
 * `runs`: oldest first. A name may occur more than once in a run: then the worst of it is what the run says. Which run
 * speaks is that of analysis/run-verdict.ts; here runs are gone through one by one, so that many of them, whose names come
 * and go, cost what they hold.
 */
export function speakFor(index: CaseIndex, runs: readonly CaseRun[], verdict: RunVerdict): Spoken {
  const results = new Uint8Array(index.size);
  const speakers = new Int32Array(index.size).fill(-1);
  const mostSaid = verdict === 'MAJORITY' ? mostSaidOf(index, runs) : null;
  eachSaying(index, runs, (n, code, place) => {
    const before = results[n] ?? NO_RESULT;
    if (mostSaid ? code !== mostSaid[n] : verdict === 'WORST' && isWorse(before, code)) return;
    results[n] = code;
    speakers[n] = place;
  });
  return { results, speakers };
}

const isWorse = (code: number, than: number) => code !== NO_RESULT && badnessOf(code - 1) > badnessOf(than - 1);

/** Of each case what most runs say; where two are as many, the worse. */
function mostSaidOf(index: CaseIndex, runs: readonly CaseRun[]): Uint8Array {
  const times = new Uint32Array(index.size * RESULTS.length);
  eachSaying(index, runs, (n, code) => {
    const at = n * RESULTS.length + code - 1;
    times[at] = (times[at] ?? 0) + 1;
  });
  const timesOf = (n: number, code: number) => times[n * RESULTS.length + code - 1] ?? 0;
  return new Uint8Array(index.size).map((_, n) => {
    let most = NO_RESULT;
    for (let code = 1; code <= RESULTS.length; code++) {
      const [now, before] = [timesOf(n, code), most === NO_RESULT ? 0 : timesOf(n, most)];
      if (now > before || (now > 0 && now === before && isWorse(code, most))) most = code;
    }
    return most;
  });
}

/** What each run says of each of its cases, its verdict and one. */
function eachSaying(
  index: CaseIndex,
  runs: readonly CaseRun[],
  visit: (n: number, code: number, place: number) => void,
): void {
  const worst = new Uint8Array(index.size);
  for (const [place, run] of runs.entries()) {
    sayWorst(index, run, worst);
    for (const n of index.casesOf(run.shapeId)) {
      const code = worst[n] ?? NO_RESULT;
      // Of a name that comes again it was said.
      if (code === NO_RESULT) continue;
      visit(n, code, place);
      worst[n] = NO_RESULT;
    }
  }
}

/** A case that occurs more than once in the run that speaks for it counts as often as there. */
export function countOnce(index: CaseIndex, runs: readonly CaseRun[], verdict: RunVerdict): Counts {
  const { speakers } = speakFor(index, runs, verdict);
  const counts: Counts = { pass: 0, fail: 0, skip: 0, unknown: 0 };
  for (const [place, run] of runs.entries()) {
    const cases = index.casesOf(run.shapeId);
    const speaks = (position: number) => speakers[cases[position] ?? 0] === place;
    for (let position = 0; position < cases.length; position++) if (speaks(position)) counts.pass += 1;
    eachNonPass(run.verdicts, (position, is) => {
      if (!speaks(position)) return;
      counts.pass -= 1;
      counts[keyOf(is)] += 1;
    });
  }
  return counts;
}

const KEYS = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

export function keyOf(verdict: Verdict): keyof Counts {
  return KEYS[RESULTS[verdict] ?? 'UNKNOWN'];
}

/** What a run says of each of its cases, its verdict and one, into `worst`. */
export function sayWorst(index: CaseIndex, { shapeId, verdicts }: CaseRun, worst: Uint8Array): void {
  const cases = index.casesOf(shapeId);
  for (const n of cases) worst[n] = PASS + 1;
  eachNonPass(verdicts, (position, verdict) => {
    const n = cases[position] ?? 0;
    worst[n] = worseOf((worst[n] ?? 0) - 1, verdict) + 1;
  });
}
