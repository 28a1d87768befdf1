/** Several runs of one suite, of which for each case one speaks: what its results come to when they are counted once. */
import { type RunVerdict, speakingRun } from '#analysis/run-verdict.ts';
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

/** `runs`: oldest first. A name may occur more than once in a run: then the worst of it is what the run says. */
export function speakFor(index: CaseIndex, runs: readonly CaseRun[], verdict: RunVerdict): Spoken {
  const said = runs.map((run) => worstOf(index, run));
  const results = new Uint8Array(index.size);
  const speakers = new Int32Array(index.size).fill(-1);
  const [places, badness]: [number[], number[]] = [[], []];
  for (let n = 0; n < index.size; n++) {
    places.length = badness.length = 0;
    for (const [place, ofRun] of said.entries()) {
      const code = ofRun[n] ?? NO_RESULT;
      if (code === NO_RESULT) continue;
      places.push(place);
      badness.push(badnessOf(code - 1));
    }
    const place = places[speakingRun(badness, verdict)];
    if (place === undefined) continue;
    speakers[n] = place;
    results[n] = said[place]?.[n] ?? NO_RESULT;
  }
  return { results, speakers };
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

/** What a run says of each case: 0 for no result, else its verdict and one. */
function worstOf(index: CaseIndex, run: CaseRun): Uint8Array {
  const worst = new Uint8Array(index.size);
  sayWorst(index, run, worst);
  return worst;
}

/** The same into `worst`, of the cases that the run has. */
export function sayWorst(index: CaseIndex, { shapeId, verdicts }: CaseRun, worst: Uint8Array): void {
  const cases = index.casesOf(shapeId);
  for (const n of cases) worst[n] = PASS + 1;
  eachNonPass(verdicts, (position, verdict) => {
    const n = cases[position] ?? 0;
    worst[n] = worseOf((worst[n] ?? 0) - 1, verdict) + 1;
  });
}
